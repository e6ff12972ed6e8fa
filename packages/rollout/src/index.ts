export { decide } from './decide.ts'
export type { Evidence } from './decide.ts'
export { proveRollback } from './rollback-proof.ts'
export type { InstanceRecord, RollbackProof } from './rollback-proof.ts'
export type {
  HistoryComparison,
  HistoryGuardrail,
  HistoryPoint,
  RolloutCard,
  RolloutHistory,
  RolloutList,
  RolloutView,
  TrailEntry,
} from './rollout-view.ts'
export { startRollout } from './start.ts'
export { openPhase, operate, transition } from './transition.ts'

export { attribute } from './attribution.ts'
export type {
  AttributedEffect,
  AttributedRollout,
  AttributionReport,
  MeasuredRollout,
} from './attribution.ts'
export { clearedSince } from './cleared-since.ts'
export { decide } from './decide.ts'
export { digestsOf } from './digests.ts'
export type { Evidence } from './evidence.ts'
export type { Incomplete, LoggedKind } from './half-a-log.ts'
export { expectedLoss } from './expected-loss.ts'
export type { ChoiceLosses, ExpectedLoss, LossAtPrior } from './expected-loss.ts'
export { operate } from './operate.ts'
export type { Order, OrderAction } from './operate.ts'
export { decisionContext } from './decision-log.ts'
export type { DecisionContext, DecisionLog, DecisionLogEntry, Dissent } from './decision-log.ts'
export { proveRollback, sayLastTreatment } from './rollback-proof.ts'
export { asSentence } from './words.ts'
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
export { gateInForce, ungated } from './start-gate.ts'
export { startRollout } from './start.ts'
export { openPhase, transition } from './transition.ts'

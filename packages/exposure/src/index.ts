export type { Account, DropReason, Pending, Tally } from './account.ts'
export type { Clock, Timers } from './clock.ts'
export { lacksConsent } from './consent.ts'
export { systemClock, systemTimers } from './clock.ts'
export type { RetryPolicy } from './delivery.ts'
export type { DropWarning } from './drop-warning.ts'
export { batchOf, keyOf, kindOf } from './event-batch.ts'
export type { ContextFeatures, ContextOptions } from './context-features.ts'
export type { DetailOptions, ExposeOptions } from './exposure-details.ts'
export type { Arm } from './exposure-lines.ts'
export type { Health, HealthCode, HealthReason, HealthStatus } from './health.ts'
export type { LeftOut, LeftOutReason } from './left-out.ts'
export type { Measurement } from './measurement-line.ts'
export { memorySink } from './memory-sink.ts'
export type { MemorySink } from './memory-sink.ts'
export type { Outcome } from './outcome-line.ts'
export type { AssignedCount, ReportOptions } from './producer-reports.ts'
export type { BatchLimits, QueueLimits } from './queue.ts'
export { createRecorder } from './recorder.ts'
export type { Recorded, Receipt } from './receipt.ts'
export type { Recorder, RecorderOptions } from './recorder-doors.ts'
export type {
  BesideSpool,
  BesideTally,
  CarriedAccount,
  EventCounts,
  Spool,
  SpoolDamage,
  SpooledBatch,
  SpoolRecovery,
  SpoolStatus,
} from './spool.ts'
export type { SlateLimits } from './slate-text.ts'
export type { DeliveryResult, EventBatch, EventKind, Rejection, Sink } from './sink.ts'

export { createAudit, foldAudit } from './audit.ts'
export type { Audit, FoldOptions } from './audit.ts'
export { auditTable } from './audit-table.ts'
export type { EarlierPhase } from './earlier-phase.ts'
export type { ContextValues } from './readiness/context-values.ts'
export { createDryRun, dryRunReport, foldDryRun } from './readiness/dry-run.ts'
export type { DryRun, DryRunReport } from './readiness/dry-run.ts'
export type { ArmEvents, CovariateEvents, MetricEvents } from './readiness/metric-events.ts'
export { readinessReport } from './readiness/readiness-report.ts'
export type { ReadinessEvidence, ReadinessOptions } from './readiness/readiness-report.ts'
export type { LockOutcome } from './readiness/reproducible-analysis.ts'
export { audit, auditReport } from './report.ts'
export type { ReportOptions } from './report.ts'
export { profileUnits } from './unit-profile.ts'
export type {
  CovariateProfile,
  DimensionProfile,
  ProfileOptions,
  UnitProfile,
} from './unit-profile.ts'

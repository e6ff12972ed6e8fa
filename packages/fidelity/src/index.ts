export { createAudit, foldAudit } from './audit.ts'
export type { Audit } from './audit.ts'
export { auditTable } from './audit-table.ts'
export type { EarlierPhase } from './earlier-phase.ts'
export { audit, auditReport } from './report.ts'
export type { ReportOptions } from './report.ts'
export { profileUnits } from './unit-profile.ts'
export type {
  CovariateProfile,
  DimensionProfile,
  ProfileOptions,
  UnitProfile,
} from './unit-profile.ts'

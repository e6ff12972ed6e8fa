import type { AuditReport, ExposureEvent, Finding, FindingCode, LogEvent } from '@fairtrial/protocol'
import { audit } from '../src/report.ts'
import { experiment, isExposure, MINUTE, START } from './synthetic-log.ts'

/** A minute after the last exposure of a synthetic log. */
export const asOf = START + 31 * MINUTE
export const check = (
  events: readonly LogEvent[],
  options: { phase?: number; unreadableLines?: number; asOf?: number } = {},
) => audit(experiment, events, { asOf, ...options })
export const codes = (report: AuditReport) => report.findings.map(({ code }) => code)
export const found = (report: AuditReport, code: FindingCode): Finding | undefined =>
  report.findings.find((finding) => finding.code === code)

/** Changes the exposures for which `when` holds. */
export const alter = (
  events: readonly LogEvent[],
  change: Partial<ExposureEvent>,
  when: (event: ExposureEvent, i: number) => boolean,
) => events.map((event, i) => (isExposure(event) && when(event, i) ? { ...event, ...change } : event))

import type { PhaseCounts } from '@fairtrial/sequential'
import type { AuditReport, Experiment, FindingSeverity, LogEvent } from '@fairtrial/protocol'
import { createAudit, foldAudit } from './audit.ts'
import type { Audit } from './audit.ts'
import { crossoverFindings, joinFindings, replayFindings } from './checks/exposures.ts'
import { arrivalFindings, freshnessFindings } from './checks/freshness.ts'
import { lossFindings, missingEvents } from './checks/loss.ts'
import { checkSampleRatio, sampleRatioFinding } from './checks/sample-ratio.ts'
import { similarIdsFinding } from './checks/similar-ids.ts'
import { sum } from './disparity.ts'
import { countPhases } from './phase-counts.ts'
import { toleranceOf } from './tolerance.ts'
import { auditedPhases, totalsOf } from './trace-totals.ts'
import { findingOf, type Found } from './found.ts'

/** At what time, and with which history, an audit is read. */
export interface ReportOptions {
  /** Epoch milliseconds. */
  readonly asOf: number
  /** Earlier phases that the log does not hold, by their last counts; of units that are not in the log. */
  readonly phases?: readonly PhaseCounts[]
}

/**
 * Can the numbers of this log be trusted? Reads the log and the definition only: never an outcome's value, so that
 * no result can make a log look better. The sample ratio, once rejected, stays rejected in later reports of the same
 * audit: that is what its error rate over many looks is about.
 */
export function auditReport(audit: Audit, { asOf, phases = [] }: ReportOptions): AuditReport {
  const { experiment, counts } = audit
  const tolerance = toleranceOf(experiment)
  const totals = totalsOf(audit)
  const audited = auditedPhases(audit)
  const { entered, returned } = countPhases(audit)
  const sampleRatio = checkSampleRatio(experiment, totals.units, {
    phases: [...phases, ...entered],
    hasReturned: returned > 0,
    previousLogP: audit.sampleRatioLogP,
  })
  if (sampleRatio !== null) audit.sampleRatioLogP = Math.log(sampleRatio.anytimePValue)
  return reportOf(experiment, {
    asOf,
    sampleRatio,
    findings: [
      ...freshnessFindings(audit, asOf, tolerance),
      ...(sampleRatio === null ? [] : sampleRatioFinding(sampleRatio, experiment.analysis.sampleRatio.alpha)),
      ...replayFindings(audit, totals, tolerance),
      ...lossFindings(audit, tolerance),
      ...crossoverFindings(experiment, totals),
      ...joinFindings(audit, asOf),
      ...similarIdsFinding(
        audit.spellings,
        sum(totals.units),
        (id) => audited.filter(({ unitTraces }) => unitTraces.has(id)).length,
        tolerance,
      ),
      ...arrivalFindings(audit, tolerance),
      ...(experiment.eligibility === undefined ? [] : [ELIGIBILITY_NOT_CHECKED]),
    ],
    counts: {
      exposures: counts.exposures,
      uniqueExposures: totals.unique,
      outcomes: counts.outcomes,
      replayed: totals.replayed,
      replayMismatches: totals.mismatches,
      producers: audit.producers.size,
      missingEvents: missingEvents(audit),
    },
  })
}

/** A whole log audited in one call: `createAudit`, `foldAudit`, `auditReport`. */
export function audit(
  experiment: Experiment,
  events: Iterable<LogEvent>,
  options: ReportOptions & { readonly phase?: number; readonly unreadableLines?: number },
): AuditReport {
  const { phase, unreadableLines = 0 } = options
  const folded = createAudit(experiment, phase === undefined ? {} : { phase })
  foldAudit(folded, events, { unreadableLines })
  return auditReport(folded, options)
}

/** Puts the worst finding first and draws the verdict from it. */
export function reportOf(
  experiment: Experiment,
  parts: Omit<AuditReport, 'schema' | 'experiment' | 'fingerprint' | 'verdict' | 'findings'> & {
    readonly findings: readonly Found[]
  },
): AuditReport {
  const findings = parts.findings.map(findingOf).toSorted((a, b) => RANK[b.severity] - RANK[a.severity])
  const worst = findings[0]?.severity ?? 'note'
  return {
    schema: 'fairtrial.audit/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    verdict: worst === 'note' ? 'trusted' : worst,
    ...parts,
    findings,
  }
}

const RANK: { readonly [severity in FindingSeverity]: number } = { note: 0, caution: 1, broken: 2 }

const ELIGIBILITY_NOT_CHECKED: Found = {
  code: 'not-checked',
  severity: 'note',
  detail: 'Eligibility was not replayed: the attributes that it asks for are never logged.',
  remedy: 'There is nothing to mend: everything else of each assignment was replayed.',
  evidence: {},
}

import type { PhaseCounts } from '@fairtrial/sequential'
import type { AuditReport, Experiment, FindingSeverity, LogEvent } from '@fairtrial/protocol'
import { createAudit, foldAudit } from './audit.ts'
import type { Audit, FoldOptions } from './audit.ts'
import { arrivalRateFinding } from './checks/arrival-rate.ts'
import { arrivalFindings } from './checks/arrivals.ts'
import { asideFindings } from './checks/aside.ts'
import { crossoverFindings } from './checks/crossover.ts'
import { checkDimensions, dimensionFindings } from './checks/dimensions.ts'
import { duplicatesFinding } from './checks/duplicates-by-arm.ts'
import { repeatedFinding, replayFindings } from './checks/exposures.ts'
import { freshnessFindings } from './checks/freshness.ts'
import { funnelFinding, funnelOf } from './checks/funnel.ts'
import { incompleteFinding } from './checks/incomplete-record.ts'
import { inputFindings } from './checks/inputs.ts'
import { countJoined, joinFindings } from './checks/join-rate.ts'
import { lossByArmFinding } from './checks/loss-by-arm.ts'
import { lossFindings, missingEvents } from './checks/loss.ts'
import { mistimedFinding } from './checks/mistimed.ts'
import { pseudonymKeysFinding } from './checks/pseudonym-keys.ts'
import { checkSampleRatio, sampleRatioFinding } from './checks/sample-ratio.ts'
import { similarIdsFinding } from './checks/similar-ids.ts'
import { staleRevisionFinding } from './checks/stale-revision.ts'
import { stickyFinding } from './checks/sticky-assignments.ts'
import { triggerFindings } from './checks/trigger-imbalance.ts'
import { unfinishedFinding } from './checks/unfinished-producer.ts'
import { unusualFinding } from './checks/unusual-units.ts'
import { sum } from './disparity.ts'
import { countPhases } from './phase-counts.ts'
import { countReported } from './producer-report.ts'
import { profilesOf } from './strata.ts'
import { toleranceOf } from './tolerance.ts'
import { auditedPhases, totalsOf } from './trace-totals.ts'
import { countUnits } from './unit-counts.ts'
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
  const { units } = totals
  const counted = countUnits(audit)
  const reported = countReported(audit)
  const joined = countJoined(audit, asOf)
  const stratified = audited.map(({ strata }) => strata).filter((strata) => strata !== null)
  const sampleRatio = checkSampleRatio(experiment, units, {
    phases: [...phases, ...entered],
    hasReturned: returned > 0,
    previousLogP: audit.sampleRatioLogP,
  })
  if (sampleRatio !== null) audit.sampleRatioLogP = Math.log(sampleRatio.anytimePValue)
  return reportOf(experiment, {
    asOf,
    sampleRatio,
    funnel: funnelOf(audit, units, reported, joined),
    findings: [
      ...freshnessFindings(audit, asOf, tolerance),
      ...arrivalRateFinding(experiment, counted, asOf),
      ...(sampleRatio === null ? [] : sampleRatioFinding(sampleRatio, experiment.analysis.sampleRatio.alpha)),
      ...dimensionFindings(checkDimensions(experiment, profilesOf(stratified), { isLog: true })),
      ...inputFindings(audit, asOf),
      ...replayFindings(audit, totals, tolerance),
      ...pseudonymKeysFinding(audit, tolerance),
      ...lossByArmFinding(audit, totals, asOf, tolerance),
      ...lossFindings(audit, asOf, tolerance),
      ...unfinishedFinding(audit, asOf, tolerance),
      ...funnelFinding(audit, units, reported, joined),
      ...triggerFindings(audit, units, counted),
      ...crossoverFindings(experiment, totals),
      ...repeatedFinding(totals),
      ...duplicatesFinding(audit, units, counted, reported),
      ...stickyFinding(audit, units, counted),
      ...joinFindings(audit, joined),
      ...staleRevisionFinding(audit),
      ...unusualFinding(audit, counted, tolerance),
      ...similarIdsFinding(
        audit.spellings,
        sum(units),
        (id) => audited.filter(({ unitTraces }) => unitTraces.has(id)).length,
        tolerance,
      ),
      ...mistimedFinding(audit, units, tolerance),
      ...arrivalFindings(audit, tolerance),
      ...asideFindings(audit, units),
      ...incompleteFinding(audit),
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
  options: ReportOptions & FoldOptions & { readonly phase?: number },
): AuditReport {
  const { phase } = options
  const folded = createAudit(experiment, phase === undefined ? {} : { phase })
  foldAudit(folded, events, options)
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

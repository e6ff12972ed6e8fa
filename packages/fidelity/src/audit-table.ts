import type { AuditReport, Experiment, Finding, TrialSummary } from '@fairtrial/protocol'
import { sum } from './disparity.ts'
import { checkSampleRatio, singleLookFinding } from './checks/sample-ratio.ts'
import { reportOf } from './report.ts'

/**
 * What can be checked of a table with a row a unit: the sample ratio, at one look. What only a log can show is
 * told as not checked.
 *
 * @param summary units by variant; a `TrialSummary` will do
 */
export function auditTable(
  experiment: Experiment,
  summary: Pick<TrialSummary, 'units' | 'asOf'>,
): AuditReport {
  const observed = experiment.variants.map(({ name }) => summary.units[name] ?? 0)
  const weights = experiment.variants.map((variant) => variant.weight)
  const sampleRatio = checkSampleRatio(experiment, observed, [{ counts: observed, weights }])
  const units = sum(observed)
  return reportOf(experiment, {
    asOf: summary.asOf,
    sampleRatio,
    findings: [...(sampleRatio === null ? [NO_UNITS] : singleLookFinding(sampleRatio)), ...NOT_CHECKED],
    counts: {
      exposures: units,
      uniqueExposures: units,
      outcomes: 0,
      replayed: 0,
      replayMismatches: 0,
      producers: 0,
      missingEvents: 0,
    },
  })
}

const NO_UNITS: Finding = {
  code: 'no-data',
  severity: 'caution',
  detail: 'The table holds no unit of any arm.',
  remedy: "See that the column of the arm holds the variants' names, or set their `value`.",
  evidence: {},
}

const NOT_CHECKED: readonly Finding[] = [
  'replay: a table does not say how a unit was assigned',
  'loss: a table has no sequence numbers',
  'crossover, repeated exposures and leaks: a table has one row for a unit',
  'freshness and lateness: a table has no times',
].map((what) => ({
  code: 'not-checked',
  severity: 'note',
  detail: `Not checked, ${what}.`,
  remedy: 'Audit the log where there is one.',
  evidence: {},
}))

import { durationMs } from '@fairtrial/protocol'
import type { Experiment, FindingCode } from '@fairtrial/protocol'
import type { Audit } from '../audit.ts'
import { disparityP, sum } from '../disparity.ts'
import { severityOf } from '../tolerance.ts'
import type { Tolerance } from '../tolerance.ts'
import type { TraceTotals } from '../trace-totals.ts'
import { sayCount, sayP, sayShare } from '../words.ts'
import type { Found } from '../found.ts'

/** p at which a rate that differs between arms is told. These tests are for one look, so they only caution. */
const DISPARITY_ALPHA = 0.001
/** Share of units in two arms above which no policy mends the comparison. */
const MAXIMUM_CROSSOVER = 0.01
/** Units from which the absence of any outcome is no accident of the first minutes. */
const JOINED_UNITS = 100

/** Whether exposures are what the definition makes of their units. */
export function replayFindings(audit: Audit, totals: TraceTotals, tolerance: Tolerance): Found[] {
  const { replayed, mismatches, leaks, unknownVariants, exposures, examples } = totals
  return [
    ...shareFinding('replay-mismatch', mismatches, replayed, tolerance, {
      what: 'replayed exposures',
      which: 'another seed, bucket or arm than the definition gives the unit',
      remedy: 'Look for a service with another salt, definition or library version, or for altered events.',
      examples: examples.mismatch,
    }),
    ...shareFinding('leak', leaks, replayed, tolerance, {
      what: 'replayed exposures',
      which: 'of units that the holdout, the layer or the traffic leaves out',
      remedy: 'Look for a code path that serves an arm without asking assign.',
      examples: examples.leak,
    }),
    ...shareFinding('unknown-variant', unknownVariants, exposures, tolerance, {
      what: 'exposures',
      which: 'of a variant that the definition does not have',
      remedy: 'Look for a service that writes exposures by hand, or that runs another definition.',
      examples: examples.unknownVariant,
    }),
    ...shareFinding('foreign-definition', audit.counts.foreignExposures, audit.counts.exposures, tolerance, {
      what: 'exposures',
      which: 'made under another definition than this one',
      remedy:
        'Bring every service to the same definition, or open a new phase. These exposures are left out.',
      examples: [...audit.foreignFingerprints],
    }),
  ]
}

function shareFinding(
  code: FindingCode,
  found: number,
  of: number,
  tolerance: Tolerance,
  told: {
    readonly what: string
    readonly which: string
    readonly remedy: string
    readonly examples: readonly string[]
  },
): Found[] {
  if (found === 0) return []
  const share = found / of
  return [
    {
      code,
      severity: severityOf(share, tolerance),
      detail: `${found.toLocaleString('en-US')} of ${of.toLocaleString('en-US')} ${told.what} (${sayShare(share)}): ${told.which}.`,
      remedy: told.remedy,
      evidence: { found, of, share, examples: told.examples },
    },
  ]
}

/** Units in two arms, and exposures beyond the first. */
export function crossoverFindings(experiment: Experiment, totals: TraceTotals): Found[] {
  const crossed = sum(totals.crossed)
  const share = crossed / sum(totals.units)
  const byArm = armsOf(experiment, totals.crossed)
  const findings: Found[] = []
  if (totals.exposures > totals.unique + totals.unknownVariants) {
    const repeated = totals.exposures - totals.unique - totals.unknownVariants
    findings.push({
      code: 'repeated-exposures',
      severity: 'note',
      detail: `${sayCount(repeated, 'exposure')} of ${totals.exposures.toLocaleString('en-US')} repeat one that is there already (${sayShare(repeated / totals.exposures)}); each counts once.`,
      remedy: 'There is nothing to mend: instances and retries write the same exposure under the same id.',
      evidence: { repeated, exposures: totals.exposures },
    })
  }
  if (crossed > 0) {
    findings.push({
      code: 'crossover',
      severity: share > MAXIMUM_CROSSOVER ? 'broken' : 'note',
      detail: `${sayCount(crossed, 'unit')} met more than one arm (${sayShare(share)}); the plan says ${experiment.analysis.crossover}.`,
      remedy:
        'Look for a unit id that changes between assignment and exposure, or for two definitions at once.',
      evidence: { crossed, share, byFirstArm: byArm },
    })
  }
  const p = disparityP(totals.crossed, totals.units)
  if (p !== null && p < DISPARITY_ALPHA) {
    findings.push({
      code: 'crossover-imbalance',
      severity: 'caution',
      detail: `Units cross over at different rates: ${sayRates(experiment, totals.crossed, totals.units)}; chi-square p ${sayP(p)}.`,
      remedy: 'Leaving these units out would bias the comparison. Find out what moves them.',
      evidence: { crossed: byArm, units: armsOf(experiment, totals.units), pValue: p },
    })
  }
  return findings
}

/**
 * Units with any outcome, of those that had the time for one: a join that works in one arm and not in the other looks
 * like an effect.
 */
export function joinFindings(audit: Audit, asOf: number): Found[] {
  const { experiment } = audit
  const { units, joined } = settledUnits(audit, asOf)
  const evidence = { joined: armsOf(experiment, joined), units: armsOf(experiment, units) }
  const remedy = 'See that exposures and outcomes carry the same unit id and unit type, in every arm.'
  if (sum(joined) === 0) {
    if (sum(units) < JOINED_UNITS) return []
    const detail = `None of ${sayCount(sum(units), 'exposed unit')} has any outcome.`
    return [{ code: 'join-rate', severity: 'caution', detail, remedy, evidence }]
  }
  const p = disparityP(joined, units)
  if (p === null || p >= DISPARITY_ALPHA) return []
  const rates = sayRates(experiment, joined, units)
  const detail = `Units have outcomes at different rates: ${rates}; chi-square p ${sayP(p)}. It may be an effect, or a loss.`
  return [{ code: 'join-rate', severity: 'caution', detail, remedy, evidence: { ...evidence, pValue: p } }]
}

/** Units whose shortest window has closed, by arm. An arm that is only slower must not look like one that loses. */
function settledUnits(audit: Audit, asOf: number): { units: number[]; joined: number[] } {
  const { experiment, phases, phase, unitsWithOutcome, maximumLateness } = audit
  const windows = Object.values(experiment.metrics).map(({ window }) => durationMs(window))
  const settledBefore = asOf - Math.min(...windows) - maximumLateness
  const units = experiment.variants.map(() => 0)
  const joined = experiment.variants.map(() => 0)
  for (const [number, { unitTraces }] of phases) {
    if (phase !== null && number !== phase) continue
    for (const [unitId, { arm, firstAt }] of unitTraces) {
      if (firstAt > settledBefore) continue
      units[arm] = (units[arm] ?? 0) + 1
      if (unitsWithOutcome.has(unitId)) joined[arm] = (joined[arm] ?? 0) + 1
    }
  }
  return { units, joined }
}

function sayRates(experiment: Experiment, marked: readonly number[], units: readonly number[]): string {
  return experiment.variants
    .map(({ name }, arm) => `${name} ${sayShare((marked[arm] ?? 0) / (units[arm] ?? 0))}`)
    .join(', ')
}

function armsOf(experiment: Experiment, values: readonly number[]): { readonly [variant: string]: number } {
  return Object.fromEntries(experiment.variants.map(({ name }, arm) => [name, values[arm] ?? 0]))
}

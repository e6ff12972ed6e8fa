import type { Audit } from '../audit.ts'
import { addTo, byArm, zerosFor } from '../by-arm.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import type { Tolerance } from '../tolerance.ts'
import { auditedPhases } from '../trace-totals.ts'
import type { UnitCounts } from '../unit-counts.ts'
import { sayCount, sayShare } from '../words.ts'

/** Of the units that have any. */
const QUANTILE = 0.99
/** So many times what the busiest unit of a hundred has. */
const TIMES = 20
/** Fewer are no sign of a machine. */
const LEAST = 100

/**
 * Units that no person can be: with more than 20 times the exposures or outcomes of the 99th percentile of the units
 * that have any, and with more than 100. The rule looks at counts alone, never at values, and moves with nobody's
 * tail: of a lognormal of σ = 1 one unit in 20 million is beyond it.
 */
export function unusualFinding(audit: Audit, counts: UnitCounts, tolerance: Tolerance): Found[] {
  const limits = { exposures: limitOf(counts.byExposures), outcomes: limitOf(counts.byOutcomes) }
  if (mostOf(counts.byExposures) <= limits.exposures && mostOf(counts.byOutcomes) <= limits.outcomes)
    return []
  const unusual = zerosFor(audit.experiment)
  const found: { unitId: string; exposures: number; outcomes: number }[] = []
  let theirs = 0
  for (const { unitTraces } of auditedPhases(audit)) {
    for (const [unitId, { arm, exposures }] of unitTraces) {
      const outcomes = audit.outcomesByUnit.get(unitId) ?? 0
      if (exposures <= limits.exposures && outcomes <= limits.outcomes) continue
      addTo(unusual, arm, 1)
      theirs += exposures + outcomes
      found.push({ unitId, exposures, outcomes })
    }
  }
  const share = theirs / (totalOf(counts.byExposures) + totalOf(counts.byOutcomes))
  const examples = found
    .toSorted((a, b) => b.exposures + b.outcomes - a.exposures - a.outcomes || (a.unitId < b.unitId ? -1 : 1))
    .slice(0, 3)
  const [most] = examples
  return [
    {
      code: 'unusual-units',
      severity: share > tolerance.maximumLoss ? 'caution' : 'note',
      detail: `${sayCount(found.length, 'unit')} ${found.length === 1 ? 'has' : 'have'} more than ${limits.exposures.toLocaleString('en-US')} exposures or ${limits.outcomes.toLocaleString('en-US')} outcomes (${TIMES} times the 99th percentile, and ${LEAST} at least), together ${sayShare(share)} of all events; ${most?.unitId} has ${sayCount(most?.exposures ?? 0, 'exposure')} and ${sayCount(most?.outcomes ?? 0, 'outcome')}.`,
      remedy:
        'See whether they are machines. In the next plan, exclude them by what is known at the exposure, and cap the metrics that they move; this one is to be read as it was planned.',
      evidence: { limits, share, units: byArm(audit.experiment, unusual), found: sum(unusual), examples },
    },
  ]
}

/** Nearest rank of the 99th percentile over units with one or more, times 20. */
function limitOf(unitsByCount: ReadonlyMap<number, number>): number {
  const counts = [...unitsByCount].filter(([count]) => count > 0).toSorted(([a], [b]) => a - b)
  const rank = Math.ceil(QUANTILE * sum(counts.map(([, units]) => units)))
  let reached = 0
  for (const [count, units] of counts) {
    reached += units
    if (reached >= rank) return Math.max(LEAST, TIMES * count)
  }
  return LEAST
}

function mostOf(unitsByCount: ReadonlyMap<number, number>): number {
  let most = 0
  for (const count of unitsByCount.keys()) if (count > most) most = count
  return most
}

function totalOf(unitsByCount: ReadonlyMap<number, number>): number {
  let total = 0
  for (const [count, units] of unitsByCount) total += count * units
  return total
}

import { durationMs } from '@fairtrial/protocol'
import type { Audit } from '../audit.ts'
import { addTo, byArm, sayRates, zerosFor } from '../by-arm.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { parityOf, parityP } from '../parity.ts'
import { auditedPhases } from '../trace-totals.ts'
import { sayCount, sayP } from '../words.ts'

/** Units from which the absence of any outcome is no accident of the first minutes. */
const JOINED_UNITS = 100

/**
 * Units with any outcome, of those that had the time for one: a join that works in one arm and not in the other looks
 * like an effect.
 */
export function joinFindings({ experiment }: Audit, { units, joined }: JoinedCounts): Found[] {
  const evidence = { joined: byArm(experiment, joined), units: byArm(experiment, units) }
  const remedy = 'See that exposures and outcomes carry the same unit id and unit type, in every arm.'
  if (sum(joined) === 0) {
    if (sum(units) < JOINED_UNITS) return []
    const detail = `None of ${sayCount(sum(units), 'exposed unit')} has any outcome.`
    return [{ code: 'join-rate', severity: 'caution', detail, size: 1, remedy, evidence }]
  }
  const p = parityP(experiment, joined, units)
  if (p === null || !parityOf(p).isOff) return []
  const rates = sayRates(experiment, joined, units)
  const detail = `Units have outcomes at different rates: ${rates}; p ${sayP(p)} if arms were alike. It may be an effect, or a loss.`
  const size = 1 - sum(joined) / sum(units)
  return [
    { code: 'join-rate', severity: 'caution', detail, size, remedy, evidence: { ...evidence, pValue: p } },
  ]
}

/** Units whose shortest window has closed, and of these units with an outcome. By arm, in the order of the variants. */
export interface JoinedCounts {
  readonly units: readonly number[]
  readonly joined: readonly number[]
}

/** Counts units only that have had the time for an outcome: an arm that is slower must not look like one that loses. */
export function countJoined(audit: Audit, asOf: number): JoinedCounts {
  const { experiment, outcomesByUnit, maximumLateness } = audit
  const windows = Object.values(experiment.metrics).map(({ window }) => durationMs(window))
  const settledBefore = asOf - Math.min(...windows) - maximumLateness
  const [units, joined] = [zerosFor(experiment), zerosFor(experiment)]
  for (const { unitTraces } of auditedPhases(audit)) {
    for (const [unitId, { arm, firstAt }] of unitTraces) {
      if (firstAt > settledBefore) continue
      addTo(units, arm, 1)
      if (outcomesByUnit.has(unitId)) addTo(joined, arm, 1)
    }
  }
  return { units, joined }
}

import { gammaQuantile } from '@fairtrial/statistics'
import type { Experiment } from '@fairtrial/protocol'
import { earliestOf } from '../earliest.ts'
import type { Found } from '../found.ts'
import { DAY_MS, type UnitCounts } from '../unit-counts.ts'
import { sayCount } from '../words.ts'

/** Of the interval in which the true rate lies. */
const STRAY = 0.001
/** Off by this factor, a plan's days and power are other ones. */
const FACTOR = 2

/**
 * New units of a day against what the plan expects, on the traffic that its stages give. Too few where even the busiest
 * whole day has less than half of what the smallest stage would bring; too many where the median day has more than twice
 * what the largest would. The first day and today are not whole, and nobody is judged by them.
 */
export function arrivalRateFinding(
  experiment: Experiment,
  { firstByDay }: UnitCounts,
  asOf: number,
): Found[] {
  const expected = experiment.analysis.expectedUnitsPerDay
  if (expected === undefined || firstByDay.size === 0) return []
  const first = earliestOf(firstByDay.keys())
  const today = Math.floor(asOf / DAY_MS)
  const days: number[] = []
  for (let day = first + 1; day < today; day++) days.push(firstByDay.get(day) ?? 0)
  const sorted = days.toSorted((a, b) => a - b)
  const [median, busiest] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)]
  if (median === undefined || busiest === undefined) return []
  const shares = experiment.ramp.stages.map(({ trafficPercent }) => trafficPercent / 100)
  const [least, most] = [expected * Math.min(...shares), expected * Math.max(...shares)]
  const told =
    boundsOf(busiest).to < least / FACTOR
      ? { units: busiest, which: 'On its busiest day', than: 'less than half', of: least }
      : boundsOf(median).from > most * FACTOR
        ? { units: median, which: 'On its median day', than: 'more than twice', of: most }
        : null
  if (told === null) return []
  const { from, to } = boundsOf(told.units)
  return [
    {
      code: 'arrival-rate',
      severity: 'caution',
      detail: `${told.which} the trial had ${sayCount(told.units, 'new unit')} (a rate of ${sayRate(from)} to ${sayRate(to)} a day), ${told.than} of the ${sayRate(told.of)} that the plan expects.`,
      size: Math.abs(told.units / told.of - 1),
      remedy:
        told.than === 'less than half'
          ? 'See which services do not serve the experiment, and what eligibility leaves out; the plan will take longer than it says.'
          : 'See whether ids change from visit to visit, so that one person is many units.',
      evidence: { unitsPerDay: told.units, from, to, expected: told.of, days: days.length },
    },
  ]
}

/** Exact interval of a Poisson rate (Garwood 1936). */
function boundsOf(count: number): { readonly from: number; readonly to: number } {
  return {
    from: count === 0 ? 0 : gammaQuantile(STRAY / 2, count),
    to: gammaQuantile(1 - STRAY / 2, count + 1),
  }
}

function sayRate(rate: number): string {
  return rate.toLocaleString('en-US', { maximumFractionDigits: rate < 10 ? 1 : 0 })
}

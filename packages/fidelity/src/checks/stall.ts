import type { Experiment } from '@fairtrial/protocol'
import { earliestOf } from '../earliest.ts'
import type { ArrivalTrace } from '../arrival-trace.ts'
import { sayDuration } from '../words.ts'
import type { Found } from '../found.ts'

const DAY_MS = 86_400_000
/** Slots to learn a rate from, before anything is said of it. */
const SLOTS = 6
/** Nights are slower than days; less than a twentieth is another thing. */
const SHARE = 1 / 20
/**
 * Fewer say too little. From 60 on, a Poisson count whose rate has fallen to a quarter, as at night, falls below a
 * twentieth less than once in 10,000 slots: P(X ≤ 2) = 0.00004 where 15 are expected.
 */
const USUAL = 60

/**
 * Exposures that have all but stopped: in the last whole slot and since, less than a twentieth of what the median slot
 * of the day before had, or as much less as the plan's bake has. The median, because a ramp begins with a rush that says nothing of the hours after it.
 */
export function stallFinding(
  { slotMs, exposuresBySlot }: ArrivalTrace,
  { stages, bake }: Experiment['ramp'],
  asOf: number,
): Found[] {
  const current = Math.floor(asOf / slotMs)
  const first = earliestOf(exposuresBySlot.keys())
  const from = Math.max(first, current - 1 - Math.max(SLOTS, Math.ceil(DAY_MS / slotMs)))
  const before: number[] = []
  for (let slot = from; slot < current - 1; slot++) before.push(exposuresBySlot.get(slot) ?? 0)
  if (before.length < SLOTS) return []
  const usual = before.toSorted((a, b) => a - b)[Math.floor((before.length - 1) / 2)] ?? 0
  const lately = (exposuresBySlot.get(current - 1) ?? 0) + (exposuresBySlot.get(current) ?? 0)
  // A bake enrolls its holdback only, and the audit knows no states: it must not take the one for a stall of the other.
  const most = Math.max(...stages.map(({ trafficPercent }) => trafficPercent))
  const planned = usual * Math.min(1, (bake?.holdbackPercent ?? most) / most)
  if (planned < USUAL || lately >= planned * SHARE) return []
  const since = asOf - (current - 1) * slotMs
  return [
    {
      code: 'no-traffic',
      severity: 'caution',
      detail: `Exposures of this definition have all but stopped: ${lately.toLocaleString('en-US')} in the last ${sayDuration(since)}; before, ${usual.toLocaleString('en-US')} came in ${sayDuration(slotMs)}.`,
      remedy: 'See whether services still serve this experiment, and still call expose.',
      evidence: { lately, sinceMs: since, usual, slotMs },
    },
  ]
}

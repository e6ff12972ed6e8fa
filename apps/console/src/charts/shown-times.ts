import type { RolloutState } from '@fairtrial/protocol'
import type { HistoryPoint } from '@fairtrial/rollout'
import { isOver } from '../words/rollout-words.ts'

/**
 * From the start of the phase to now. Of one that is over, a little beyond its end and until the last windows have
 * closed, however long ago that is: what the charts end with is what is known.
 *
 * @param points of the phase, the oldest first
 */
export function shownTimes(
  state: Pick<RolloutState, 'status' | 'startedAt' | 'changedAt'> | null,
  points: readonly HistoryPoint[],
): readonly [from: number, to: number] {
  const from = state?.startedAt ?? points[0]?.at ?? 0
  const newest = points.at(-1)?.at ?? from
  if (state === null || !isOver(state.status)) return [from, Math.max(newest, from + 1_000)]
  const beyond = state.changedAt + Math.max(1_000, (state.changedAt - from) * 0.1)
  return [from, Math.max(beyond, settledAt(points))]
}

/** When the newest numbers were first there; 0 where there are none. Looks at half a log have none. */
function settledAt(points: readonly HistoryPoint[]): number {
  const told = points.filter(({ units }) => Object.keys(units).length > 0)
  const newest = told.at(-1)
  if (newest === undefined) return 0
  const numbers = numbersOf(newest)
  const before = told.findLastIndex((point) => numbersOf(point) !== numbers)
  return told[before + 1]?.at ?? newest.at
}

/** Units and intervals; a restart may tell the sample ratio anew. Keys come in any order. */
function numbersOf({ units, guardrails, primaries }: HistoryPoint): string {
  const counts = Object.entries(units).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const intervals = [...guardrails, ...primaries].map(({ estimate, lower, upper }) => [
    estimate,
    lower,
    upper,
  ])
  return JSON.stringify([counts, intervals])
}

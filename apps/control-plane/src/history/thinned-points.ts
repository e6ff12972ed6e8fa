import type { HistoryPoint } from '@fairtrial/rollout'

/** As many points as a chart can show, and a browser likes to load. */
export const MAXIMUM_POINTS = 2_000
/** To how many they are thinned then, give or take changes of state. */
const THINNED_TO = 1_000

/** Points of a rollout, of bounded number: over a longer time they stand further apart, evenly. */
export interface ThinnedPoints {
  /** The oldest first; the newest is always among them. */
  list(): readonly HistoryPoint[]
  /** Those that stand for good, or until they are thinned. */
  kept(): readonly HistoryPoint[]
  /**
   * @returns `kept`: it was added for good; `passing`: it stands until the next one comes; `thinned`: it was added, and
   *   others went
   */
  add(point: HistoryPoint): 'kept' | 'passing' | 'thinned'
}

/** @param before the oldest first */
export function thinnedPoints(before: readonly HistoryPoint[]): ThinnedPoints {
  let spacingMs = before.length > THINNED_TO / 2 ? spacingOf(before) : 0
  let kept = before.length < MAXIMUM_POINTS ? [...before] : thin(before, spacingMs)
  let passing: HistoryPoint | null = null

  return {
    kept: () => kept,
    list: () => (passing === null ? kept : [...kept, passing]),
    add(point) {
      const last = kept.at(-1)
      const isDue = last === undefined || point.at - last.at >= spacingMs
      // What has ended learns only of windows that still close: its months must not crowd out the days of the ramp.
      const isNews = !isOver(point) || (last !== undefined && tellsOther(last, point))
      if (last !== undefined && !isChange(last, point) && !(isDue && isNews)) {
        passing = point
        return 'passing'
      }
      kept.push(point)
      passing = null
      if (kept.length < MAXIMUM_POINTS) return 'kept'
      spacingMs = spacingOf(kept)
      kept = thin(kept, spacingMs)
      return 'thinned'
    },
  }
}

const isChange = (before: HistoryPoint, point: HistoryPoint) => before.revision !== point.revision

const isOver = ({ status }: HistoryPoint) =>
  status === 'aborted' || status === 'stopped' || status === 'shipped'

/** Whether the point has numbers, and other ones. */
function tellsOther(before: HistoryPoint, point: HistoryPoint): boolean {
  return Object.keys(point.units).length > 0 && numbersOf(before) !== numbersOf(point)
}

/** Units and intervals; a restart may tell the sample ratio anew. A database does not keep the order of keys. */
function numbersOf({ units, guardrails, primaries }: HistoryPoint): string {
  const counts = Object.keys(units)
    .toSorted()
    .map((variant) => units[variant])
  const comparisons = [...guardrails, ...primaries]
  return JSON.stringify([counts, comparisons.map(({ estimate, lower, upper }) => [estimate, lower, upper])])
}

function spacingOf(points: readonly HistoryPoint[]): number {
  return ((points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0)) / THINNED_TO
}

/** Keeps the first, the last, and each change of state; of the others those that stand far enough from the one before. */
function thin(points: readonly HistoryPoint[], spacingMs: number): HistoryPoint[] {
  const thinned: HistoryPoint[] = []
  for (const [i, point] of points.entries()) {
    const previous = points[i - 1]
    const last = thinned.at(-1)
    const isNeeded =
      previous === undefined || last === undefined || i === points.length - 1 || isChange(previous, point)
    if (isNeeded || point.at - last.at >= spacingMs) thinned.push(point)
  }
  // A rollout that changed its state two thousand times: the journal has them all.
  const isTooMany = thinned.length > (MAXIMUM_POINTS + THINNED_TO) / 2
  return isTooMany ? thinned.filter((_, i) => i % 2 === 0 || i === thinned.length - 1) : thinned
}

import type { HistoryPoint } from '@fairtrial/rollout'
import type { HistoryTable } from '@fairtrial/rollout/postgres'
import { keptFor } from '../readiness.ts'
import { STORE_PATIENCE_MS, within } from '../within.ts'
import { type HistoryStore, isWorthKeeping } from './history-store.ts'
import { type ThinnedPoints, thinnedPoints } from './thinned-points.ts'

/**
 * The histories of several replicas, in one table. The one that leads adds to it and thins it, and begins with what those
 * before it have left; whichever is asked shows what is there, and its own newest look.
 *
 * @param options.now epoch milliseconds
 */
export function openHistoryRows(
  table: HistoryTable,
  experiments: readonly { readonly key: string }[],
  options: { readonly now: () => number; readonly log: (line: string) => void },
): HistoryStore {
  const histories = new Map(experiments.map(({ key }) => [key, historyOf(table, key, options)]))
  return {
    points: async (experiment) => (await histories.get(experiment)?.points()) ?? null,
    note: (experiment, point, leads) => histories.get(experiment)?.note(point, leads),
    async close() {
      await Promise.all([...histories.values()].map((history) => history.close()))
    },
  }
}

/** From when this replica leads until it does not. */
interface Term {
  /** What is to stand in the table, and the times that do; null before it was read. */
  led: { readonly points: ThinnedPoints; stored: ReadonlySet<number> } | null
  /** Looks that are to be added. */
  waiting: ThinnedPoints
}

function historyOf(
  table: HistoryTable,
  experiment: string,
  { now, log }: { readonly now: () => number; readonly log: (line: string) => void },
) {
  let newest: HistoryPoint | null = null
  let term: Term | null = null
  let writing: Promise<void> | null = null
  let isFailing = false
  const rows = keptFor(() => within(STORE_PATIENCE_MS, table.points(experiment)), now)

  /** Brings the table to where it should be, whatever an earlier write that failed has left undone. */
  async function write(term: Term): Promise<void> {
    if (term.led === null) {
      const before = await table.points(experiment)
      term.led = { points: thinnedPoints(before), stored: new Set(before.map(({ at }) => at)) }
    }
    const { points, stored } = term.led
    for (const point of term.waiting.list()) points.add(point)
    term.waiting = thinnedPoints([])
    const times = new Set(points.kept().map(({ at }) => at))
    const added = points.kept().filter(({ at }) => !stored.has(at))
    const gone = [...stored].filter((at) => !times.has(at))
    if (added.length + gone.length > 0) await table.change(experiment, added, gone)
    term.led.stored = times
  }

  /** A look waits for nothing: what comes while this is under way is written at the next. */
  function begin(term: Term): void {
    writing ??= write(term)
      .then(
        () => void (isFailing = false),
        (error: Error) => {
          if (!isFailing) log(`history: of ${experiment}, points could not be written: ${error.message}`)
          isFailing = true
        },
      )
      .finally(() => {
        writing = null
      })
  }

  return {
    note(point: HistoryPoint, leads: boolean): void {
      if (!leads) term = null
      else term ??= { led: null, waiting: thinnedPoints([]) }
      if (!isWorthKeeping(point, newest)) return
      newest = point
      if (term === null) return
      term.waiting.add(point)
      begin(term)
    },
    async points(): Promise<readonly HistoryPoint[]> {
      const shown = thinnedPoints(await rows())
      if (newest !== null && newest.at > (shown.list().at(-1)?.at ?? 0)) shown.add(newest)
      return shown.list()
    },
    async close(): Promise<void> {
      await writing
      if (term !== null) begin(term)
      await writing
    },
  }
}

import type { RetentionRun, StayingSegment } from '@fairtrial/exposure/segments'
import type { Metric } from '../metrics/metric.ts'

/** Segments that stay though they are past their time, by why. */
export interface Overdue {
  readonly reason: StayingSegment['reason']
  /** The experiment that runs, where that is why; else null. */
  readonly because: string | null
  readonly segments: number
  /** By how much the oldest is past its time, milliseconds. */
  readonly byMs: number
}

/** Nobody writes for a night or a weekend: only then is it worth a word that the newest event tells no later time. */
const LULL_MS = 3 * 86_400_000

/** What a run has left that is past its time, by the clock of whoever ran it; each reason once. */
export function overdueOf(stay: RetentionRun['stay'], before: number): readonly Overdue[] {
  const found = new Map<string, Overdue>()
  for (const { reason, because = null, lastAt } of stay) {
    const pastMs = lastAt === null ? 0 : before - lastAt
    if (pastMs <= (reason === 'young' ? LULL_MS : 0)) continue
    const id = JSON.stringify([reason, because])
    const { segments = 0, byMs = 0 } = found.get(id) ?? {}
    found.set(id, { reason, because, segments: segments + 1, byMs: Math.max(byMs, pastMs) })
  }
  return [...found.values()]
}

/** How many segments stay, and why. */
export function sayOverdue(overdue: readonly Overdue[]): string {
  return overdue
    .map(({ segments, reason, because }) => `${segments} because ${WHY[reason](because)}`)
    .join(', ')
}

const WHY: { readonly [Reason in Overdue['reason']]: (because: string | null) => string } = {
  'last-of-its-writer': () => 'their writers may go on in them',
  undated: () => 'nothing tells their age',
  young: () => 'no newer event was received since',
  running: (because) => `${because ?? 'an experiment'} runs`,
}

/** The same as metrics, by log. */
export function overdueMetrics(byLog: ReadonlyMap<string, readonly Overdue[]>): readonly Metric[] {
  return [
    {
      name: 'fairtrial_retention_overdue_segments',
      help: 'Segments past their time that stay; of a table its beginning alone.',
      type: 'gauge',
      samples: [...byLog].flatMap(([log, overdue]) =>
        overdue.map(({ reason, because, segments }) => ({
          labels: { log, reason, ...(because !== null && { experiment: because }) },
          value: segments,
        })),
      ),
    },
    {
      name: 'fairtrial_retention_overdue_seconds',
      help: 'How long the oldest that stays is past its time.',
      type: 'gauge',
      samples: [...byLog].map(([log, overdue]) => ({
        labels: { log },
        value: Math.max(0, ...overdue.map(({ byMs }) => byMs)) / 1_000,
      })),
    },
  ]
}

import type { Experiment, HardLimit, LogEvent, MetricDefinition, MinuteSum } from '@fairtrial/protocol'
import { TrialSummary } from '@fairtrial/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectSame } from '../test/expect-same.ts'
import { exposure, metricsWith, outcome, trial } from '../test/trial.ts'
import { createFold, foldEvents, type FoldState, summaryOf } from './fold.ts'
import { mergeSummaries } from './merge-summaries.ts'
import { summarize } from './summarize.ts'

const MINUTE = 60_000

const LATENCY = { type: 'mean', role: 'guardrail', direction: 'decrease', window: '5s' } as const

/** A trial with a hard limit on `latency`, whose window closes a second later. */
function limited(hardLimit: Partial<HardLimit>, latency: MetricDefinition = LATENCY): Experiment {
  return trial({
    metrics: { ...metricsWith('latency', {}), latency },
    guardrails: [
      {
        metric: 'latency',
        margin: { relative: 0.1 },
        action: 'abort',
        hardLimit: { worst: 9, ...hardLimit },
      },
    ],
  })
}

const minutesAt = (experiment: Experiment, events: readonly LogEvent[], asOf: number, variant = 'model') => {
  const summary = summarize(experiment, events, { asOf, phase: 1 })
  expect(TrialSummary.parse(summary)).toEqual(summary)
  return summary.metrics['latency']![variant]!.minutes
}

describe('minutes of a metric under a hard limit', () => {
  it('hold the numbers that units have by now, in the minute of their first exposure, as far back as it looks', () => {
    const experiment = limited({ within: '90s', confirm: { breaches: 1, of: 1 } })
    const log = [
      exposure(experiment, 'old', 'model', 6 * MINUTE - 1),
      exposure(experiment, 'a', 'model', 6 * MINUTE),
      exposure(experiment, 'b', 'model', 7 * MINUTE - 1),
      // Seen again two minutes later, in the minute of its first exposure all the same.
      exposure(experiment, 'b', 'model', 9 * MINUTE),
      exposure(experiment, 'c', 'model', 9 * MINUTE),
      exposure(experiment, 'x', 'control', 9 * MINUTE),
      outcome('a', 'latency', 6 * MINUTE + 1_000, 4),
      outcome('a', 'latency', 6 * MINUTE + 2_000, 3),
      outcome('b', 'latency', 7 * MINUTE, 5),
      outcome('c', 'latency', 9 * MINUTE + 1, 1),
      outcome('x', 'latency', 9 * MINUTE + 1, 2),
    ]
    expect(minutesAt(experiment, log, 9 * MINUTE + 5)).toEqual([
      [6, 2, 12, 2],
      [9, 1, 1, 1],
    ])
    expect(minutesAt(experiment, log, 9 * MINUTE + 5, 'control')).toEqual([[9, 1, 2, 1]])
    expect(minutesAt(experiment, log, 10 * MINUTE)).toEqual([[9, 1, 1, 1]])
    expect(minutesAt(experiment, log, 13 * MINUTE)).toEqual([])
  })

  it('are of closed windows where more is better, in the minute in which they closed', () => {
    const experiment = limited({ within: '1m' }, { ...LATENCY, direction: 'increase' })
    const log = [
      exposure(experiment, 'a', 'model', 53_000),
      exposure(experiment, 'b', 'model', 54_000),
      outcome('b', 'latency', 55_000, 5),
    ]
    expect(minutesAt(experiment, log, MINUTE - 1_001)).toEqual([])
    expect(minutesAt(experiment, log, MINUTE - 1)).toEqual([[0, 1, 0, 1]])
    expect(minutesAt(experiment, log, MINUTE)).toEqual([
      [0, 1, 0, 1],
      [1, 1, 5, 1],
    ])
  })

  it('hold a ratio above and below the line', () => {
    const ratio = { ...LATENCY, type: 'ratio', denominator: { event: 'watched' } } as const
    const experiment = limited({ within: '1m' }, ratio)
    const log = [
      exposure(experiment, 'a', 'model', 1_000),
      outcome('a', 'latency', 2_000, 6),
      outcome('a', 'watched', 2_000, 4),
    ]
    expect(minutesAt(experiment, log, 9_000)).toEqual([[0, 1, 6, 4]])
  })

  it('are forgotten with time, of pages that nothing touches any more, too', () => {
    const experiment = limited({ within: '1m' })
    const fold = createFold(experiment, { phase: 1 })
    foldEvents(fold, [exposure(experiment, 'a', 'model', 1_000)])
    const held = (asOf: number) => {
      summaryOf(fold, asOf)
      const [page] = (fold as FoldState).pages
      return page!.held!.tally.metrics.flat().flatMap(({ minutes = [] }) => minutes)
    }
    expect(held(2 * MINUTE - 1)).toEqual([[0, 1, 0, 1]])
    expect(held(2 * MINUTE)).toEqual([])
  })

  it('are not kept where nobody looks at them', () => {
    const metrics = summarize(limited({}), [], { asOf: 0, phase: 1 }).metrics
    expect(metrics['latency']!['model']).not.toHaveProperty('minutes')
    expect(metrics['started']!['model']).not.toHaveProperty('minutes')
  })

  it('of measurements are those in which they ended, and each is counted once', () => {
    const { window: _, ...latency } = { ...LATENCY, source: 'measurements' } as const
    const experiment = limited({ confirm: { breaches: 1, of: 2 } }, latency)
    const measured = (sequence: number, until: number, n: number, mean: number): LogEvent => ({
      schema: 'fairtrial.measurement/1',
      producerId: 'p',
      sequence,
      sdk: 'test',
      experiment: experiment.key,
      fingerprint: experiment.fingerprint,
      phase: 1,
      revision: 1,
      unitType: 'viewer',
      variant: 'model',
      name: 'latency',
      from: 0,
      until,
      accuracy: 0.01,
      clusters: [0, 7].map((cluster) => ({ cluster, n, mean, m2: 0, zeros: 0, bins: [[1, n]] as const })),
    })
    const log = [measured(1, 30_000, 2, 5), measured(1, 30_000, 2, 5), measured(2, 130_000, 3, 1)]
    expect(minutesAt(experiment, log, 100_000)).toEqual([[0, 4, 20, 4]])
    const fold = createFold(experiment, { phase: 1 })
    foldEvents(fold, log)
    const at = (asOf: number) => summaryOf(fold, asOf).metrics['latency']!['model']!.minutes
    expect(at(140_000)).toEqual([
      [0, 4, 20, 4],
      [2, 6, 6, 6],
    ])
    expect(at(200_000)).toEqual([[2, 6, 6, 6]])
    expect(at(400_000)).toEqual([])
  })
})

describe('for any log, minutes', () => {
  const experiments = [
    limited({ within: '2m', confirm: { breaches: 2, of: 3 } }),
    limited({ within: '1m' }, { ...LATENCY, direction: 'increase', cap: { upper: 3 } }),
  ]
  const times = fc.integer({ min: 0, max: 12 * MINUTE })
  const unitIds = fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5', 'u6')
  const anyLog = (experiment: Experiment) =>
    fc.array(
      fc.oneof(
        fc
          .tuple(unitIds, fc.constantFrom('control', 'model'), times)
          .map(([unitId, variant, at]) => exposure(experiment, unitId, variant, at)),
        fc
          .tuple(unitIds, times, fc.integer({ min: -9, max: 9 }))
          .map(([unitId, at, value]) => outcome(unitId, 'latency', at, value)),
      ),
      { maxLength: 40 },
    )
  const anyTrial = fc
    .constantFrom(...experiments)
    .chain((experiment) => anyLog(experiment).map((log) => ({ experiment, log })))
  const minutesOf = ({ metrics }: TrialSummary) => metrics['latency']!
  const unitsIn = (minutes: readonly MinuteSum[]) => minutes.reduce((sum, [, n]) => sum + n, 0)

  it('of two shards taken together are those of the whole', () => {
    fc.assert(
      fc.property(anyTrial, times, ({ experiment, log }, asOf) => {
        const of = (events: readonly LogEvent[]) => summarize(experiment, events, { asOf, phase: 1 })
        const isLeft = ({ unitId }: (typeof log)[number]) => unitId <= 'u3'
        const merged = mergeSummaries(of(log.filter(isLeft)), of(log.filter((event) => !isLeft(event))))
        expectSame(minutesOf(merged), minutesOf(of(log)))
      }),
    )
  })

  it('read in portions, with looks between them, are those of one reading', () => {
    fc.assert(
      fc.property(anyTrial, fc.array(times, { minLength: 1, maxLength: 6 }), ({ experiment, log }, looks) => {
        const fold = createFold(experiment, { phase: 1 })
        const size = Math.ceil(log.length / looks.length)
        looks.forEach((asOf, i) => {
          foldEvents(fold, log.slice(i * size, (i + 1) * size))
          const whole = summarize(experiment, log.slice(0, (i + 1) * size), { asOf, phase: 1 })
          expectSame(minutesOf(summaryOf(fold, asOf)), minutesOf(whole))
        })
      }),
    )
  })

  it('hold each counted unit once, as far as they go back, and rise', () => {
    fc.assert(
      fc.property(anyTrial, times, ({ experiment, log }, asOf) => {
        const summary = summarize(experiment, log, { asOf, phase: 1 })
        const { direction } = experiment.metrics['latency']!
        for (const { current, closed, minutes } of Object.values(minutesOf(summary))) {
          const all = direction === 'decrease' ? current.n : closed.n
          expect(unitsIn(minutes!)).toBeLessThanOrEqual(all)
          if (asOf < 2 * MINUTE) expect(unitsIn(minutes!)).toBe(all)
          const order = minutes!.map(([minute]) => minute)
          expect(order).toEqual([...new Set(order)].toSorted((a, b) => a - b))
        }
      }),
    )
  })
})

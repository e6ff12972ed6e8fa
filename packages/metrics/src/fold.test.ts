import type { LogEvent, TrialSummary } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { exposure, metricsWith, outcome, trial } from '../test/trial.ts'
import { createFold, foldEvents, type FoldState, summaryOf } from './fold.ts'
import { summarize } from './summarize.ts'

const experiment = trial()
const LATER = 1_000_000
const at = (asOf: number) => ({ asOf, phase: 1 })
const current = (summary: TrialSummary, metric: string, variant = 'control') =>
  summary.metrics[metric]![variant]!.current
const closed = (summary: TrialSummary, metric: string, variant = 'control') =>
  summary.metrics[metric]![variant]!.closed

describe('attribution', () => {
  it('counts an outcome from the exposure on and before the window ends, not a millisecond further', () => {
    const events = [999, 1_000, 10_999, 11_000].flatMap((time, i) => [
      exposure(experiment, `u${i}`, 'control', 1_000),
      outcome(`u${i}`, 'started', time),
    ])
    const summary = summarize(experiment, events, at(LATER))
    expect(closed(summary, 'started')).toMatchObject({ n: 4, mean: 0.5 })
    // The count of the same event has 20 s.
    expect(closed(summary, 'plays').mean).toBe(0.75)
    expect(summary.counts).toMatchObject({ earlyOutcomes: 1, lateOutcomes: 0 })
  })

  it('FAULTS 36: an outcome before the exposure, or without one, never counts', () => {
    const events = [
      outcome('early', 'started', 4_999),
      exposure(experiment, 'early', 'model', 5_000),
      outcome('never-exposed', 'started', 6_000),
    ]
    const summary = summarize(experiment, events, at(LATER))
    expect(summary.units).toEqual({ control: 0, model: 1, 'model-b': 0 })
    expect(closed(summary, 'started', 'model')).toMatchObject({ n: 1, mean: 0 })
    expect(summary.counts).toMatchObject({ earlyOutcomes: 1, unmatchedOutcomes: 1 })
  })

  it('takes the earliest exposure, also when it is read last, and counts the repeated ones', () => {
    const fold = createFold(experiment, { phase: 1 })
    foldEvents(fold, [
      outcome('u', 'started', 500),
      exposure(experiment, 'u', 'control', 1_000),
      exposure(experiment, 'u', 'control', 2_000),
    ])
    expect(current(summaryOf(fold, LATER), 'started').mean).toBe(0)
    foldEvents(fold, [exposure(experiment, 'u', 'control', 400)])
    const summary = summaryOf(fold, LATER)
    expect(current(summary, 'started').mean).toBe(1)
    expect(summary.counts).toMatchObject({ repeatedExposures: 2, earlyOutcomes: 0, unmatchedOutcomes: 0 })
  })

  it('lets a unit stand in `current` at once and in `closed` when window and lateness are over', () => {
    const fold = createFold(experiment, { phase: 1 })
    foldEvents(fold, [exposure(experiment, 'u', 'control', 0), outcome('u', 'started', 10)])
    expect(current(summaryOf(fold, 10), 'started')).toMatchObject({ n: 1, mean: 1 })
    expect(closed(summaryOf(fold, 10_999), 'started').n).toBe(0)
    expect(closed(summaryOf(fold, 11_000), 'started')).toMatchObject({ n: 1, mean: 1 })
    expect(closed(summaryOf(fold, 20_999), 'plays').n).toBe(0)
    expect(closed(summaryOf(fold, 21_000), 'plays').n).toBe(1)
    // And back again: a summary depends on what was read and on the time, not on the summaries before.
    expect(closed(summaryOf(fold, 10_999), 'started').n).toBe(0)
  })

  it('FAULTS 51: a day is 86,400,000 ms after exposure, over a leap day and a change to summer time', () => {
    const daily = trial({ metrics: metricsWith('started', { window: '1d' }) })
    const starts = [Date.UTC(2024, 1, 28, 12), Date.UTC(2026, 2, 28, 23, 30)]
    const events = starts.flatMap((start, i) => [
      exposure(daily, `in${i}`, 'control', start),
      outcome(`in${i}`, 'started', start + 86_399_999),
      exposure(daily, `out${i}`, 'model', start),
      outcome(`out${i}`, 'started', start + 86_400_000),
    ])
    const summary = summarize(daily, events, at(Date.UTC(2027, 0)))
    expect(closed(summary, 'started').mean).toBe(1)
    expect(closed(summary, 'started', 'model').mean).toBe(0)
    expect(summary.counts.lateOutcomes).toBe(2)
  })
})

describe('values', () => {
  const valueBy = (aggregate: string, values: readonly (readonly [time: number, value: number])[]) => {
    const changed = trial({ metrics: metricsWith('watched', { aggregate }) })
    const outcomes = values.map(([time, value]) => outcome('u', 'watched', time, value))
    const summary = summarize(changed, [exposure(changed, 'u', 'control', 0), ...outcomes], at(LATER))
    return closed(summary, 'watched')
  }
  const values = [
    [3, 30],
    [1, 10],
    [2, -4],
    [3, 20],
  ] as const

  it.each([
    ['sum', 56],
    ['mean', 14],
    ['max', 30],
    ['min', -4],
    ['first', 10],
    ['last', 30],
  ])('folds a mean by %s', (aggregate, expected) => {
    expect(valueBy(aggregate, values)).toMatchObject({ n: 1, mean: expected })
    expect(valueBy(aggregate, values.toReversed())).toMatchObject({ n: 1, mean: expected })
  })

  it('counts nothing as zero where that is the true value, and else as missing', () => {
    const summary = summarize(experiment, [exposure(experiment, 'u', 'control', 0)], at(LATER))
    for (const metric of ['started', 'plays', 'watched']) {
      expect(summary.metrics[metric]!['control']).toMatchObject({ closed: { n: 1, mean: 0 }, missing: 0 })
    }
    expect(summary.metrics['latency']!['control']).toMatchObject({ closed: { n: 0 }, missing: 1 })
    expect(valueBy('max', [])).toMatchObject({ n: 0 })
  })

  it('obeys a declared whenMissing, and calls a unit missing only when its window has closed', () => {
    const changed = trial({ metrics: metricsWith('plays', { whenMissing: 'exclude' }) })
    const fold = createFold(changed, { phase: 1 })
    foldEvents(fold, [exposure(changed, 'u', 'control', 0)])
    expect(summaryOf(fold, 0).metrics['plays']!['control']!.missing).toBe(0)
    expect(summaryOf(fold, LATER).metrics['plays']!['control']).toMatchObject({
      current: { n: 0 },
      missing: 1,
    })
  })

  it('FAULTS 42: NaN, infinities, and numbers as text are set aside and counted; huge sums do not spoil an arm', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, '3' as unknown as number, null as unknown as number]
    const events: LogEvent[] = [
      exposure(experiment, 'odd', 'control', 0),
      ...odd.map((value, i) => outcome('odd', 'watched', 1, value, { outcomeId: `odd${i}` })),
      outcome('odd', 'watched', Number.NaN, 5),
      outcome('odd', 'watched', 2, -0),
      exposure(experiment, 'huge', 'control', 0),
      outcome('huge', 'watched', 1, 1e308),
      outcome('huge', 'watched', 2, 1.1e308),
      exposure(experiment, 'plain', 'control', 0),
      outcome('plain', 'watched', 1, 8),
      exposure(experiment, 'no-time', 'control', Number.NaN),
    ]
    const summary = summarize(experiment, events, at(LATER))
    expect(summary.metrics['watched']!['control']).toEqual({
      closed: { n: 2, mean: 4, m2: 32 },
      current: { n: 2, mean: 4, m2: 32 },
      missing: 1,
    })
    expect(summary.counts.nonFiniteValues).toBe(7)
    expect(summary.units['control']).toBe(3)
  })

  it('counts each of many outcomes of one unit once, also when all come again', () => {
    const many = Array.from({ length: 100 }, (_, i) => outcome('bot', 'started', i))
    const events = [exposure(experiment, 'bot', 'control', 0), ...many, ...many.toReversed()]
    const summary = summarize(experiment, events, at(LATER))
    expect(closed(summary, 'plays').mean).toBe(100)
    expect(summary.counts.repeatedOutcomes).toBe(100)
  })

  it('FAULTS 49: negative values are values', () => {
    expect(
      valueBy('sum', [
        [1, -5],
        [2, 2],
      ]),
    ).toMatchObject({ n: 1, mean: -3 })
  })
})

describe('what does not count', () => {
  it('FAULTS 46: a unit in two variants is treated by the declared policy, and counted', () => {
    const arms = (crossover: 'exclude' | 'first' | 'as-assigned', bucket: number) => {
      const changed = trial({
        analysis: { method: 'asymptotic-cs', tuneAt: 1_000, crossover },
      })
      const events = [
        exposure(changed, 'both', 'model', 2_000, { bucket }),
        exposure(changed, 'both', 'control', 1_000, { bucket }),
        exposure(changed, 'both', 'model', 500_000, { bucket }),
        exposure(changed, 'one', 'model', 1_000),
      ]
      const { units, counts } = summarize(changed, events, at(LATER))
      expect(counts).toMatchObject({ crossoverUnits: 1, repeatedExposures: 1 })
      return Object.values(units)
    }
    expect(arms('exclude', 0)).toEqual([0, 1, 0])
    expect(arms('first', 999_999)).toEqual([1, 1, 0])
    // Weights 1 : 1 : 2 over a million buckets.
    expect(arms('as-assigned', 249_999)).toEqual([1, 1, 0])
    expect(arms('as-assigned', 250_000)).toEqual([0, 2, 0])
    expect(arms('as-assigned', 500_000)).toEqual([0, 1, 1])
  })

  it('FAULTS 50: exposures of another definition, phase, unit type or arm are set aside and counted', () => {
    const changed = trial({ metrics: metricsWith('started', { window: '11s' }) })
    expect(changed.fingerprint).not.toBe(experiment.fingerprint)
    const events = [
      exposure(changed, 'u1', 'control', 0),
      exposure(experiment, 'u2', 'control', 0, { phase: 2 }),
      exposure(experiment, 'u3', 'control', 0, { unitType: 'device' }),
      exposure(experiment, 'u4', 'constructor', 0),
      exposure(experiment, 'u5', 'control', 0),
    ]
    const summary = summarize(experiment, events, at(LATER))
    expect(summary.units).toEqual({ control: 1, model: 0, 'model-b': 0 })
    expect(summary.counts.foreignExposures).toBe(4)
  })

  it('passes over other experiments, other unit types and events that no metric reads', () => {
    const events = [
      exposure(experiment, 'u', 'control', 0, { experiment: 'another' }),
      outcome('u', 'purchased', 1),
      outcome('u', 'started', 1, 1, { unitType: 'device' }),
    ]
    const summary = summarize(experiment, events, at(LATER))
    expect(Object.values(summary.counts).every((n) => n === 0)).toBe(true)
    expect(summary.newestEventAt).toBeNull()
  })

  it('FAULTS 43: no events make a summary of zeros, every variant and metric in it', () => {
    const summary = summarize(experiment, [], at(5))
    expect(summary).toMatchObject({ asOf: 5, phase: 1, newestEventAt: null })
    expect(summary.units).toEqual({ control: 0, model: 0, 'model-b': 0 })
    expect(Object.keys(summary.metrics)).toEqual(['started', 'plays', 'watched', 'latency'])
    expect(closed(summary, 'started', 'model-b')).toEqual({ n: 0, mean: 0, m2: 0 })
  })

  it('does not take data for newer than its receipt', () => {
    const ahead = exposure(experiment, 'u', 'control', 90_000, { receivedAt: 2_000 })
    const summary = summarize(experiment, [ahead, outcome('u', 'started', 1_500)], at(LATER))
    expect(summary.newestEventAt).toBe(2_000)
  })
})

it('sums up again only the pages that something has touched', () => {
  const fold = createFold(experiment, { phase: 1 }) as FoldState
  const units = Array.from({ length: 2_000 }, (_, i) => exposure(experiment, `u${i}`, 'control', 0))
  foldEvents(fold, units)
  summaryOf(fold, LATER)
  const before = fold.pages.map((page) => page.held)
  foldEvents(fold, [outcome('u600', 'started', 5)])
  expect(closed(summaryOf(fold, LATER + 1), 'started')).toMatchObject({
    n: 2_000,
    mean: expect.closeTo(1 / 2_000, 12),
  })
  expect(fold.pages.map((page, i) => page.held === before[i])).toEqual([true, false, true, true])
})

it('merges again only the pairs of pages that have changed, and those above them', () => {
  const fold = createFold(experiment, { phase: 1 }) as FoldState
  const units = Array.from({ length: 2_500 }, (_, i) => exposure(experiment, `u${i}`, 'control', 0))
  foldEvents(fold, units)
  const first = summaryOf(fold, LATER)
  expect(fold.pages).toHaveLength(5)
  expect(summaryOf(fold, LATER + 1).metrics['started']!['control']).toBe(first.metrics['started']!['control'])
  const pairAt = (page: number) => fold.pairs.get(fold.pages[page]!.held!.tally)
  const [left, right] = [pairAt(0), pairAt(2)]
  foldEvents(fold, [outcome('u600', 'started', 5)])
  expect(closed(summaryOf(fold, LATER), 'started')).toMatchObject({
    n: 2_500,
    mean: expect.closeTo(1 / 2_500, 12),
  })
  expect(pairAt(0)!.merged).not.toBe(left!.merged)
  expect(pairAt(2)).toBe(right)
})

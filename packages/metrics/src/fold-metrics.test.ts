import type { LogEvent } from '@fairtrial/protocol'
import { TrialSummary } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, trialOf } from '../test/rich-trial.ts'
import { exposure, outcome } from '../test/trial.ts'
import { createFold, foldEvents, summaryOf } from './fold.ts'
import { summarize } from './summarize.ts'

const LATER = 100 * DAY
type Outcomes = readonly (readonly [name: string, hour: number, value: number])[]

/** The metric in control, of units exposed at hour 0; and the counts. */
function read(fields: object, units: readonly Outcomes[], asOf = LATER) {
  const experiment = trialOf(fields)
  const events: LogEvent[] = units.flatMap((outcomes, u) => [
    exposure(experiment, `u${u}`, 'control', 0),
    ...outcomes.map(([name, hour, value], i) =>
      outcome(`u${u}`, name, hour * HOUR, value, { outcomeId: `${u}/${i}` }),
    ),
  ])
  const summary = summarize(experiment, events, { asOf, phase: 1 })
  expect(TrialSummary.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary)
  return { ...summary.metrics['it']!['control']!, counts: summary.counts }
}

describe('a ratio', () => {
  const perView = { type: 'ratio', denominator: { event: 'view' } }

  it('is the sum of one outcome over the sum of another, with the spread of the delta method', () => {
    const { closed, current, joint, currentJoint, sketch } = read(perView, [
      [
        ['buy', 1, 2],
        ['view', 1, 4],
      ],
      [
        ['buy', 1, 1],
        ['buy', 2, 4],
        ['view', 2, 6],
      ],
      [['view', 3, 4]],
    ])
    // Numerators 2, 5, 0 over 4, 6, 4: r = 1/2; residuals (0, 2, −2) over a mean of 14/3.
    expect(joint).toEqual({
      n: 3,
      means: [expect.closeTo(7 / 3, 12), expect.closeTo(14 / 3, 12)],
      products: [
        [expect.closeTo(38 / 3, 12), expect.closeTo(16 / 3, 12)],
        [expect.closeTo(16 / 3, 12), expect.closeTo(8 / 3, 12)],
      ],
    })
    expect(closed).toEqual({ n: 3, mean: 0.5, m2: expect.closeTo(8 / (14 / 3) ** 2, 12) })
    expect(current).toEqual(closed)
    expect(currentJoint).toEqual(joint)
    expect(sketch).toBeUndefined()
  })

  it('FAULTS 49: keeps units that have nothing below the line, and negative values', () => {
    const { closed, joint, missing } = read(perView, [
      [
        ['buy', 1, -3],
        ['view', 1, 2],
      ],
      [['buy', 1, 1]],
      [],
      [['view', 1, 2]],
    ])
    expect(joint).toMatchObject({ n: 4, means: [-0.5, 1] })
    expect(closed).toMatchObject({ n: 4, mean: -0.5 })
    expect(missing).toBe(0)
  })

  it('FAULTS 49: with nothing below the line in the whole arm is no number: no units are claimed', () => {
    const { closed, current, joint } = read(perView, [[['buy', 1, 1]], []])
    expect(closed).toEqual({ n: 0, mean: 0, m2: 0 })
    expect(current.n).toBe(0)
    expect(joint).toMatchObject({ n: 2, means: [0.5, 0] })
  })

  it('lets only closed units decide', () => {
    const { closed, current } = read(
      perView,
      [
        [
          ['buy', 1, 2],
          ['view', 1, 4],
        ],
      ],
      2 * DAY,
    )
    expect(closed.n).toBe(0)
    expect(current).toMatchObject({ n: 1, mean: 0.5 })
  })
})

describe('a quantile', () => {
  it('sketches one number a unit, the mean of its values unless the definition folds otherwise', () => {
    const units: Outcomes[] = [
      [
        ['buy', 1, 10],
        ['buy', 2, 30],
      ],
      [['buy', 1, -7]],
      [['buy', 1, 0]],
      [],
    ]
    const { closed, sketch, missing } = read({ type: 'quantile', quantile: 0.5 }, units)
    expect(closed).toMatchObject({ n: 3, mean: expect.closeTo(13 / 3, 12) })
    expect(missing).toBe(1)
    // ln 20 / ln γ with γ = 1.001 / 0.999.
    expect(sketch).toMatchObject({ accuracy: 0.001, zeros: 1, positive: [[1498, 1]] })
    expect(sketch!.negative).toHaveLength(1)
    const max = read({ type: 'quantile', quantile: 0.5, aggregate: 'max' }, units)
    expect(max.closed.mean).toBeCloseTo(23 / 3, 12)
  })
})

describe('limits', () => {
  it('FAULTS 48: a cap draws a unit to its limits, and shows what it was without them', () => {
    const { closed, current, uncapped } = read({ cap: { lower: 0, upper: 10 } }, [
      [
        ['buy', 1, 6],
        ['buy', 2, 1e6],
      ],
      [['buy', 1, -4]],
      [['buy', 1, 10]],
      [],
    ])
    expect(closed).toMatchObject({ n: 4, mean: 5 })
    expect(current).toEqual(closed)
    expect(uncapped).toMatchObject({ changed: 2, closed: { n: 4, mean: (1e6 + 12) / 4 } })
  })

  it('FAULTS 48: a unit with a million events counts its earliest up to the maximum', () => {
    const bot: Outcomes = Array.from({ length: 1_000 }, (_, i) => ['buy', (i * 7) % 47, i] as const)
    const earliest = bot
      .map(([, hour, value]) => ({ hour, value }))
      .toSorted((a, b) => a.hour - b.hour || a.value - b.value)
      .slice(0, 30)
    const expected = earliest.reduce((sum, { value }) => sum + value, 0)
    for (const log of [bot, bot.toReversed()]) {
      const { closed, uncapped, counts } = read({ maximumEvents: 30 }, [log, [['buy', 1, 5]]])
      expect(closed.mean).toBe((expected + 5) / 2)
      expect(uncapped).toMatchObject({ changed: 1, closed: { mean: (499_500 + 5) / 2 } })
      expect(counts.excessOutcomes).toBe(970)
    }
    const { closed, counts } = read({ type: 'count', maximumEvents: 30 }, [bot])
    expect(closed.mean).toBe(30)
    expect(counts.excessOutcomes).toBe(970)
  })

  it('cover numerator and denominator of a ratio for the same stretch of time', () => {
    const log: Outcomes = [
      ['view', 1, 1],
      ['view', 2, 1],
      ['buy', 3, 1],
      ['view', 4, 1],
      ['buy', 5, 1],
    ]
    const { closed, uncapped, counts } = read(
      { type: 'ratio', denominator: { event: 'view' }, maximumEvents: 3 },
      [log],
    )
    expect(closed.mean).toBe(0.5)
    expect(uncapped).toMatchObject({ changed: 1, closed: { mean: 2 / 3 }, joint: { means: [2, 3] } })
    expect(counts.excessOutcomes).toBe(2)
  })

  it('are not mentioned where there are none', () => {
    const { uncapped, counts } = read({}, [[['buy', 1, 5]]])
    expect(uncapped).toBeUndefined()
    expect(counts).not.toHaveProperty('excessOutcomes')
  })
})

describe('a delay', () => {
  it('moves the window: outcomes before it are neither early nor counted, and it closes later', () => {
    const outcomes: Outcomes = [
      ['buy', 23.999, 1],
      ['buy', 24, 2],
      ['buy', 71.999, 4],
      ['buy', 72, 8],
    ]
    const { closed, counts } = read({ delay: '1d' }, [outcomes])
    expect(closed).toMatchObject({ n: 1, mean: 6 })
    expect(counts).toMatchObject({ earlyOutcomes: 0, lateOutcomes: 1 })
    const closesAt = 3 * DAY + HOUR
    expect(read({ delay: '1d' }, [outcomes], closesAt - 1).closed.n).toBe(0)
    expect(read({ delay: '1d' }, [outcomes], closesAt).closed.n).toBe(1)
  })
})

describe('covariates of a log', () => {
  it('FAULTS 36: outcomes before the exposure are a covariate, and never an outcome', () => {
    const { closed, joint, currentJoint, counts } = read({ covariates: [{ before: '1d' }] }, [
      [
        ['buy', -24.001, 100],
        ['buy', -24, 3],
        ['buy', -0.001, 4],
        ['buy', 0, 50],
      ],
      [['buy', 1, 10]],
    ])
    expect(closed).toMatchObject({ n: 2, mean: 30 })
    expect(joint).toEqual({
      n: 2,
      means: [30, 3.5, 0],
      products: [
        [800, 140, 0],
        [140, 24.5, 0],
        [0, 0, 0],
      ],
    })
    expect(currentJoint).toBeUndefined()
    expect(counts.earlyOutcomes).toBe(1)
  })

  it('may be other outcomes, of which none is early, late or counted but before the exposure', () => {
    const { joint, counts } = read({ covariates: [{ event: 'visit', before: '2d' }, { column: 'age' }] }, [
      [
        ['visit', -47, 2],
        ['visit', -1, 5],
        ['visit', 1, 70],
        ['visit', 1_000, 70],
        ['buy', 2, 9],
      ],
      [],
    ])
    // Value, two covariates, two flags: a table's column is missing of every unit.
    expect(joint!.means).toEqual([4.5, 3.5, 0, 0, 1])
    expect(counts).toMatchObject({ earlyOutcomes: 0, lateOutcomes: 0 })
  })

  it('is a sum over nothing, 0, of a unit that was not there before', () => {
    expect(read({ covariates: [{ before: '1d' }] }, [[], []]).joint!.means).toEqual([0, 0, 0])
  })

  it('follows a first exposure that turns out to be earlier', () => {
    const experiment = trialOf({ covariates: [{ before: '1d' }] })
    const fold = createFold(experiment, { phase: 1 })
    foldEvents(fold, [
      outcome('u', 'buy', 10 * HOUR, 4),
      exposure(experiment, 'u', 'control', 20 * HOUR),
      exposure(experiment, 'v', 'control', 20 * HOUR),
    ])
    const joint = () => summaryOf(fold, LATER).metrics['it']!['control']!.joint!
    expect(joint().means).toEqual([0, 2, 0])
    foldEvents(fold, [exposure(experiment, 'u', 'control', 5 * HOUR)])
    expect(joint().means).toEqual([2, 0, 0])
  })
})

describe('by day', () => {
  it('tells each whole day since exposure, and the slope of each unit over them', () => {
    const { daily, closed } = read({ window: '3d', byDay: true }, [
      [
        ['buy', 0, 1],
        ['buy', 23.999, 1],
        ['buy', 24, 5],
        ['buy', 71, 9],
      ],
      [['buy', 71.999, 3]],
    ])
    expect(closed.mean).toBe(9.5)
    expect(daily!.days.map(({ n, mean }) => [n, mean])).toEqual([
      [2, 1],
      [2, 2.5],
      [2, 6],
    ])
    // (9 − 2) / 2 and (3 − 0) / 2.
    expect(daily!.slope).toEqual({ n: 2, mean: 2.5, m2: 2 })
  })

  it('begins after the delay, leaves out days without a value, and waits for the window to close', () => {
    const fields = { window: '2d', byDay: true, delay: '1d', aggregate: 'mean' }
    const units: Outcomes[] = [
      [
        ['buy', 2, 100],
        ['buy', 25, 2],
        ['buy', 26, 4],
      ],
      [
        ['buy', 30, 1],
        ['buy', 50, 2],
      ],
    ]
    const { daily } = read(fields, units)
    expect(daily!.days.map(({ n, mean }) => [n, mean])).toEqual([
      [2, 2],
      [1, 2],
    ])
    expect(daily!.slope).toEqual({ n: 1, mean: 1, m2: 0 })
    expect(read(fields, units, 3 * DAY).daily!.days[0]!.n).toBe(0)
  })
})

describe('ranks', () => {
  it('keep how often each value occurs, rising', () => {
    const values = [3, 1, 3, -0, 10, 1, 0]
    const { histogram } = read(
      { ranks: true },
      values.map((value) => [['buy', 1, value]]),
    )
    expect(histogram).toEqual([
      [0, 2],
      [1, 2],
      [3, 2],
      [10, 1],
    ])
  })

  it('FAULTS 48: give up beyond 10,000 different values, also when pages come together', () => {
    const many = (n: number) =>
      read(
        { ranks: true },
        Array.from({ length: n }, (_, i) => [['buy', 1, i]] as const),
      )
    expect(many(10_000).histogram).toHaveLength(10_000)
    expect(many(10_001).histogram).toBeUndefined()
  })
})

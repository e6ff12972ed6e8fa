import { TrialSummary } from '@fairtrial/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectSame } from '../test/expect-same.ts'
import { richTrial, trialOf } from '../test/rich-trial.ts'
import { mergeSummaries } from './merge-summaries.ts'
import { summarizeTable, type TableOptions } from './summarize-table.ts'

type Rows = readonly (readonly string[])[]
const byArm = { variantColumn: 'arm' }

/** A table's summary, which is also what goes over the wire. */
function read(experiment: ReturnType<typeof trialOf>, rows: Rows, options: Partial<TableOptions> = {}) {
  const { summary } = summarizeTable(experiment, rows, { ...byArm, ...options })
  expect(TrialSummary.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary)
  return summary
}
const control = (summary: TrialSummary) => summary.metrics['it']!['control']!

describe('a ratio in a table', () => {
  const experiment = trialOf({ type: 'ratio', denominator: { event: 'view', column: 'views' } })

  it('FAULTS 49: is the sums of two columns; an empty cell adds nothing, 0 below the line is kept', () => {
    const metric = control(
      read(experiment, [
        ['arm', 'buy', 'views'],
        ['control', '2', '4'],
        ['control', '-1', ''],
        ['control', '', '0'],
        ['control', '3', '4'],
      ]),
    )
    expect(metric.joint).toMatchObject({ n: 4, means: [1, 2] })
    expect(metric.closed).toMatchObject({ n: 4, mean: 0.5 })
    expect(metric.current).toEqual(metric.closed)
    expect(metric.missing).toBe(0)
  })

  it('FAULTS 42: leaves out units of which one part is not finite', () => {
    const summary = read(experiment, [
      ['arm', 'buy', 'views'],
      ['control', '2', '1e999'],
      ['control', '1', '4'],
    ])
    expect(control(summary)).toMatchObject({ missing: 1, closed: { n: 1, mean: 0.25 } })
    expect(summary.counts.nonFiniteValues).toBe(1)
  })
})

describe('limits in a table', () => {
  it('FAULTS 48: cap an outlier and show it; a maximum of events has nothing to count', () => {
    const rows = [['arm', 'buy'], ...['7', '49850', '3'].map((text) => ['control', text])]
    const capped = control(read(trialOf({ cap: { upper: 10 } }), rows))
    expect(capped.closed.mean).toBeCloseTo(20 / 3, 12)
    expect(capped.uncapped).toMatchObject({ changed: 1, closed: { mean: 16_620 } })
    const limited = read(trialOf({ maximumEvents: 2 }), rows)
    expect(control(limited).uncapped).toEqual({ closed: control(limited).closed, changed: 0 })
    expect(limited.counts.excessOutcomes).toBe(0)
  })
})

describe('covariates in a table', () => {
  it('are columns, whose empty cells are missing', () => {
    const experiment = trialOf({
      covariates: [{ column: 'before' }, { column: 'age' }, { before: '1d' }],
    })
    const metric = control(
      read(experiment, [
        ['arm', 'buy', 'before', 'age'],
        ['control', '4', '2', ''],
        ['control', '6', '', '30'],
        ['control', '', '1', 'NaN'],
        ['control', 'inf', '1', '1'],
      ]),
    )
    expect(metric.missing).toBe(1)
    // Value; three covariates, 0 where missing; three flags. What only a log has is missing of all.
    expect(metric.joint!.means.map((mean) => mean * 3)).toEqual([10, 3, 30, 0, 1, 2, 3])
    expect(metric.joint!.products[0]![1]).toBeCloseTo(4 * 2 - (10 * 3) / 3, 12)
    expect(metric.closed).toMatchObject({ n: 3, mean: expect.closeTo(10 / 3, 12) })
    expect(metric.currentJoint).toBeUndefined()
  })
})

it('reads a covariate that is true or false', () => {
  const experiment = trialOf({ covariates: [{ column: 'voted' }] })
  const rows = [['arm', 'buy', 'voted'], ...['TRUE', 'false', '1'].map((text) => ['control', '4', text])]
  expect(control(read(experiment, rows)).joint!.means[1]).toBeCloseTo(2 / 3, 12)
  expect(() => read(experiment, [...rows, ['model', '4', 'yes']])).toThrow(
    'Row 4, column "voted": "yes" is no number.',
  )
})

describe('a trial by clusters', () => {
  const cluster = { unitType: 'household', attribute: 'house' }
  const rows = [
    ['arm', 'house', 'buy', 'age'],
    ['control', 'a', '1', '10'],
    ['control', 'a', '3', ''],
    ['control', 'b', '5', '30'],
    ['control', 'b', '5', '30'],
    ['control', 'b', 'NaN', '30'],
    ['model', 'c', '7', '40'],
  ]

  it('folds the values of a cluster to one row, and its spread counts clusters', () => {
    const metric = control(read(trialOf({ covariates: [{ column: 'age' }] }, { cluster }), rows))
    expect(metric.joint).toMatchObject({ n: 2, means: [7, 2, 35, 0.5] })
    expect(metric.currentJoint).toMatchObject({ n: 2, means: [7, 2] })
    // 14 / 4; residuals 4 − 7 and 10 − 7 over 2.
    expect(metric.closed).toEqual({ n: 2, mean: 3.5, m2: 4.5 })
    expect(metric.clusters).toEqual([
      [4, 2],
      [10, 2],
    ])
    expect(metric.missing).toBe(1)
  })

  it('has ratios of sums over clusters, and lists no units then', () => {
    const ratio = trialOf({ type: 'ratio', denominator: { event: 'age' } }, { cluster })
    const metric = control(read(ratio, rows))
    expect(metric.joint).toMatchObject({ n: 2, means: [7, 35] })
    expect(metric.closed).toMatchObject({ n: 2, mean: 0.2 })
    expect(metric.clusters).toBeUndefined()
  })

  it('lists at most 200 clusters in an arm', () => {
    const clusters = (n: number) => [
      ['arm', 'house', 'buy'],
      ...Array.from({ length: n }, (_, i) => ['control', `h${i}`, String(n - i)]),
    ]
    const experiment = trialOf({}, { cluster })
    expect(control(read(experiment, clusters(200))).clusters).toHaveLength(200)
    expect(control(read(experiment, clusters(200))).clusters![0]).toEqual([1, 1])
    expect(control(read(experiment, clusters(201))).clusters).toBeUndefined()
  })

  it('FAULTS 46: leaves out the units of a cluster that stands in two arms, or by `first` those of the later arm', () => {
    const split = [...rows, ['model', 'a', '1', '1']]
    const summary = read(trialOf({}, { cluster }), split)
    expect(summary.units).toEqual({ control: 3, model: 1 })
    expect(summary.counts.crossoverUnits).toBe(3)
    const { method, tuneAt } = richTrial().analysis
    const first = trialOf({}, { cluster, analysis: { method, tuneAt, crossover: 'first' } })
    expect(read(first, split).units).toEqual({ control: 5, model: 1 })
  })

  it('refuses a row without a cluster', () => {
    expect(() => read(trialOf({}, { cluster }), [...rows, ['model', '', '1', '1']])).toThrow(
      'Row 7 has no cluster id: column "house" is empty.',
    )
  })
})

describe('dimensions of a table', () => {
  const dimensions = {
    country: { known: 'before-exposure', maximumSegments: 2 },
    tenure: { known: 'after-exposure', column: 'days' },
  } as const
  const experiment = trialOf({}, { dimensions })
  const rows = [
    ['arm', 'buy', 'country', 'days'],
    ['control', '1', 'FR', 'new'],
    ['control', '2', 'DE', 'new'],
    ['control', '3', '', 'old'],
    ['control', '4', 'DE', ''],
    ['model', '5', '', ' '],
    ['model', '6', 'AT', 'new'],
    ['model', '7', 'other', 'new'],
  ]

  it('FAULTS 52: tell the largest segments by themselves, and all others together', () => {
    const { segments } = read(experiment, rows)
    expect(Object.keys(segments!)).toEqual(['country', 'tenure'])
    const { country, tenure } = segments!
    expect(Object.keys(country!)).toEqual(['(none)', 'DE', 'other'])
    expect(country!['(none)']!.units).toEqual({ control: 1, model: 1 })
    expect(country!['DE']!.units).toEqual({ control: 2, model: 0 })
    expect(country!['DE']!.metrics['it']!['control']!.closed).toEqual({ n: 2, mean: 3, m2: 2 })
    expect(country!['other']!.units).toEqual({ control: 1, model: 2 })
    expect(Object.keys(tenure!)).toEqual(['new', '(none)', 'old'])
  })

  it('FAULTS 52: keep to their limit with a segment for each of 20,000 units', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ['control', '1', `c${i}`, '1'])
    const { country } = read(experiment, [rows[0]!, ...many, ['control', '1', 'c7', '1']]).segments!
    expect(Object.keys(country!)).toEqual(['c7', 'c0', 'other'])
    expect(country!['other']!.units['control']).toBe(19_998)
  })

  it('take any text for a name, but those of `other` and of a prototype', () => {
    const texts = ['constructor', 'other', '__proto__'].map((text) => ['model', '9', text, '1'])
    const { country } = read(experiment, [rows[0]!, ...texts]).segments!
    expect(Object.keys(country!)).toEqual(['constructor', 'other'])
    expect(country!['other']!.units['model']).toBe(2)
  })

  it('refuse a table without their column', () => {
    expect(() => read(experiment, [['arm', 'buy', 'days']])).toThrow('no column "country"')
  })
})

describe('for any table', () => {
  const cell = fc.oneof(fc.integer({ min: -9, max: 9 }).map(String), fc.constantFrom('', 'NaN'))
  const anyRow = fc.record({
    arm: fc.constantFrom('control', 'model'),
    house: fc.constantFrom('a', 'b', 'c'),
    buy: cell,
    view: fc.integer({ min: 0, max: 9 }).map(String),
    old: cell,
    country: fc.constantFrom('', 'DE', 'FR', 'other'),
  })
  const shard = fc.array(anyRow, { maxLength: 12 })
  const { later: _, ranked: __, latency: ___, ...metrics } = richTrial().metrics
  const cluster = { unitType: 'household', attribute: 'house' }
  const dimensions = { country: { known: 'before-exposure' } } as const
  const plain = richTrial({ dimensions })
  const clustered = richTrial({ dimensions, metrics, cluster })
  /** Each shard has clusters of its own, of one arm. */
  const inShard = (rows: readonly { arm: string; house: string }[], s: number) =>
    rows.map((row) => ({ ...row, house: `${s}/${row.arm}/${row.house}` }))

  it.each([
    ['units', plain],
    ['clusters', clustered],
  ])('shards merge to the whole, rows in any order, by %s', (_, experiment) => {
    const of = (rows: readonly { [column: string]: string }[]) =>
      summarizeTable(experiment, rows, byArm).summary
    const shards = fc.tuple(shard, shard, shard).chain((all) => {
      const rows = all.map(inShard)
      const whole = rows.flat()
      return fc.tuple(fc.constant(rows), fc.shuffledSubarray(whole, { minLength: whole.length }))
    })
    fc.assert(
      fc.property(shards, ([rows, shuffled]) => {
        const [x, y, z] = rows.map(of)
        const whole = of(shuffled)
        expectSame(mergeSummaries(mergeSummaries(x!, y!), z!), whole)
        expectSame(mergeSummaries(z!, mergeSummaries(y!, x!)), whole)
        expectSame(mergeSummaries(whole, of([])), whole)
      }),
      { numRuns: 40 },
    )
  })
})

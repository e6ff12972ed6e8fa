import { TrialSummary } from '@fairtrial/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectSame } from '../test/expect-same.ts'
import { trialOf } from '../test/rich-trial.ts'
import { mergeSummaries } from './merge-summaries.ts'
import { summarizeTable, type TableOptions } from './summarize-table.ts'

const experiment = trialOf({ type: 'proportion', column: 'enrolled' })
const options = { variantColumn: 'arm', unitsColumn: 'clicks' }
const header = ['arm', 'clicks', 'enrolled']

function read(rows: readonly (readonly string[])[], more: Partial<TableOptions> = {}) {
  const { summary } = summarizeTable(experiment, [header, ...rows], { ...options, ...more })
  expect(TrialSummary.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary)
  return { ...summary, it: summary.metrics['it']! }
}

describe('rows that stand for many units', () => {
  it('are as many ones and zeros, and weigh as much in the sample ratio', () => {
    const { units, it } = read([
      ['control', '687', '134.0'],
      ['control', '779', '147'],
      ['model', '100', '0'],
      ['model', '0', '0'],
    ])
    expect(units).toEqual({ control: 1_466, model: 100 })
    const successes = 134 + 147
    expect(it['control']!.closed).toEqual({
      n: 1_466,
      mean: successes / 1_466,
      m2: expect.closeTo(successes * (1 - successes / 1_466), 9),
    })
    expect(it['control']!.current).toEqual(it['control']!.closed)
    expect(it['model']!.closed).toEqual({ n: 100, mean: 0, m2: 0 })
  })

  it('do not count for a metric whose cell is empty, and still are units', () => {
    const { units, it } = read([
      ['control', '100', '20'],
      ['control', '300', ''],
    ])
    expect(units['control']).toBe(400)
    expect(it['control']).toMatchObject({ closed: { n: 100, mean: 0.2 }, missing: 300 })
  })

  it('say what a row a unit would say', () => {
    const anyRow = fc
      .tuple(fc.constantFrom('control', 'model'), fc.nat(20), fc.nat(20))
      .map(([arm, a, b]) => ({ arm, units: a + b, successes: a }))
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 12 }), fc.nat(12), (rows, cut) => {
        const text = rows.map(({ arm, units, successes }) => [arm, String(units), String(successes)])
        const single = rows.flatMap(({ arm, units, successes }) =>
          Array.from({ length: units }, (_, i) => [arm, '', i < successes ? 'TRUE' : 'FALSE']),
        )
        const { summary } = summarizeTable(experiment, [header, ...single], { variantColumn: 'arm' })
        const { it: _, ...aggregated } = read(text)
        expectSame(aggregated, summary)
        const { it: __, ...first } = read(text.slice(0, cut))
        const { it: ___, ...rest } = read(text.slice(cut))
        expectSame(mergeSummaries(first, rest), summary)
      }),
    )
  })

  it.each([
    [['control', '10', '11'], 'Row 1, column "enrolled": 11 of 10 units is more than all.'],
    [['control', '10', '-1'], 'Row 1, column "enrolled": "-1" is no count of units.'],
    [['control', '10', '1.5'], 'Row 1, column "enrolled": "1.5" is no count of units.'],
    [['control', '10', 'TRUE'], 'Row 1, column "enrolled": "TRUE" is no count of units.'],
    [['control', 'many', '1'], 'Row 1, column "clicks": "many" is no count of units.'],
    [['control', '', '1'], 'Row 1 does not say how many units it stands for: column "clicks" is empty.'],
  ])('refuse %j', (row, message) => {
    expect(() => read([row])).toThrow(message)
  })

  it.each([
    ['a mean', trialOf({}), {}, 'the spread of a mean, which metric "it" is.'],
    ['a ratio', trialOf({ type: 'ratio', denominator: { event: 'view' } }), {}, 'the spread of a ratio'],
    [
      'covariates',
      trialOf({ type: 'proportion', covariates: [{ column: 'old' }] }),
      {},
      "each unit's covariates, which metric",
    ],
    [
      'clusters',
      trialOf({ type: 'proportion' }, { cluster: { unitType: 'house', attribute: 'house' } }),
      {},
      "each unit's cluster",
    ],
    ['unit ids', experiment, { unitColumn: 'id' }, 'which units they are, for which column "id" was named'],
  ])('refuse %s, which they do not tell', (_, trial, more, message) => {
    expect(() => summarizeTable(trial, [header], { ...options, ...more })).toThrow(
      expect.objectContaining({ code: 'invalid-table', message: expect.stringContaining(message) }),
    )
  })

  it('part along a dimension with their units', () => {
    const dimensions = { day: { known: 'before-exposure', maximumSegments: 1 } } as const
    const byDay = trialOf({ type: 'proportion', column: 'enrolled' }, { dimensions })
    const { segments } = summarizeTable(
      byDay,
      [
        [...header, 'day'],
        ['control', '10', '1', 'Mon'],
        ['control', '40', '2', 'Tue'],
        ['control', '30', '3', 'Mon'],
        ['model', '5', '3', 'Mon'],
      ],
      options,
    ).summary
    expect(Object.keys(segments!['day']!)).toEqual(['Mon', 'other'])
    expect(segments!['day']!['Mon']!.units).toEqual({ control: 40, model: 5 })
    expect(segments!['day']!['Mon']!.metrics['it']!['control']!.closed).toMatchObject({ n: 40, mean: 0.1 })
  })
})

describe('conditions', () => {
  const rows = [
    ['control', '10', '1'],
    ['gone', '10', '1'],
    ['control', '20', '2'],
    ['model', '10', 'abc'],
  ]

  it('pass over rows that do not fulfil all of them, before anything is read of them', () => {
    const where = [
      { column: 'arm', equals: 'control' },
      { column: 'clicks', equals: '20' },
    ]
    const { units, counts } = read(rows, { where })
    expect(units).toEqual({ control: 20, model: 0 })
    expect(counts.foreignExposures).toBe(0)
  })

  it('leave rows their numbers, and refuse a column that is not there', () => {
    expect(() => read(rows, { where: [{ column: 'arm', equals: 'model' }] })).toThrow(
      'Row 4, column "enrolled"',
    )
    expect(() => read(rows, { where: [{ column: 'day', equals: 'Mon' }] })).toThrow('no column "day"')
  })
})

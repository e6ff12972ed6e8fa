import { ExperimentError } from '@fairtrial/protocol/error'
import { describe, expect, it } from 'vitest'
import { metricsWith, trial } from '../test/trial.ts'
import { summarizeTable } from './summarize-table.ts'

const experiment = trial()
const header = ['id', 'arm', 'started', 'plays', 'watched', 'latency_ms']
const byArm = { variantColumn: 'arm' }
const byUnit = { variantColumn: 'arm', unitColumn: 'id' }
const table = (...rows: readonly (readonly string[])[]) => [header, ...rows]

function errorOf(run: () => unknown): ExperimentError {
  try {
    run()
  } catch (error) {
    if (error instanceof ExperimentError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a unit table', () => {
  it('is read by column, an arm by its value or its name, and all its windows have closed', () => {
    const rows = table(
      ['1', 'control', 'TRUE', '3', '-1.5e1', '20'],
      ['2', 'control', '0', '1', '25', '40'],
      ['3', 'Session Model', 'true', '2', '.5', '7'],
      ['4', 'model', 'False', '4', '+4.', '9'],
    )
    const { summary, unknownVariants } = summarizeTable(experiment, rows, byArm)
    expect(summary.units).toEqual({ control: 2, model: 2, 'model-b': 0 })
    expect(summary.metrics['started']!['control']!.closed).toEqual({ n: 2, mean: 0.5, m2: 0.5 })
    expect(summary.metrics['watched']!['control']!.current).toEqual({ n: 2, mean: 5, m2: 800 })
    expect(summary.metrics['watched']!['model']!.closed.mean).toBe(2.25)
    expect(summary.metrics['latency']!['model']!.closed.mean).toBe(8)
    expect(summary).toMatchObject({
      phase: 1,
      asOf: 0,
      newestEventAt: null,
      fingerprint: experiment.fingerprint,
    })
    expect(unknownVariants).toEqual([])
  })

  it('may come as objects, which say the same', () => {
    const rows = [
      ['1', 'control', 'TRUE', '3', '5', '20'],
      ['2', 'model-b', 'FALSE', '', '2', '9'],
    ]
    const objects = rows.map((row) => Object.fromEntries(row.map((text, i) => [header[i]!, text])))
    expect(summarizeTable(experiment, objects, byArm)).toEqual(
      summarizeTable(experiment, table(...rows), byArm),
    )
  })

  it('leaves an empty cell to whenMissing: zero for a proportion, left out and counted for a mean latency', () => {
    const rows = table(
      ['1', 'control', '', '', ' ', ''],
      ['2', 'control', '1', '1', '1', '30'],
      ['3', 'control'],
    )
    const { metrics } = summarizeTable(experiment, rows, byArm).summary
    expect(metrics['started']!['control']).toMatchObject({
      closed: { n: 3, mean: expect.closeTo(1 / 3, 12) },
      missing: 0,
    })
    expect(metrics['latency']!['control']).toMatchObject({ closed: { n: 1, mean: 30 }, missing: 2 })
  })

  it('sets rows of unknown arms aside and lists their texts', () => {
    const cells = ['1', '1', '1', '1']
    const rows = table(
      ['1', 'Control', ...cells],
      ['2', '__proto__', ...cells],
      ['3', 'Control', ...cells],
      ['4', 'control', ...cells],
    )
    const { summary, unknownVariants } = summarizeTable(experiment, rows, byArm)
    expect(summary.units['control']).toBe(1)
    expect(summary.counts.foreignExposures).toBe(3)
    expect(unknownVariants).toEqual([
      { text: 'Control', rows: 2 },
      { text: '__proto__', rows: 1 },
    ])
  })

  it('FAULTS 42: counts NaN, infinities and numbers beyond the doubles, and leaves their units out', () => {
    const rows = table(
      ['1', 'control', '1', '1', 'NaN', '1'],
      ['2', 'control', '1', '1', '-Infinity', '1'],
      ['3', 'control', '1', '1', '1e999', '1'],
      ['4', 'control', '1', '1', '6', '1'],
    )
    const { metrics, counts } = summarizeTable(experiment, rows, byArm).summary
    expect(metrics['watched']!['control']).toMatchObject({ closed: { n: 1, mean: 6 }, missing: 3 })
    expect(metrics['started']!['control']!.closed.n).toBe(4)
    expect(counts.nonFiniteValues).toBe(3)
  })

  it.each([
    ['watched', 'abc', 'no number'],
    ['watched', '0x10', 'no number'],
    ['watched', '1,5', 'no number'],
    ['watched', 'TRUE', 'no number'],
    ['started', '2', 'neither true nor false'],
    ['started', 'yes', 'neither true nor false'],
  ])('refuses in %s the text %j, naming row, column and text', (column, text, why) => {
    const row = ['2', 'model', '1', '1', '1', '1']
    row[header.indexOf(column)] = text
    const rows = table(['1', 'control', '1', '1', '1', '1'], row)
    const error = errorOf(() => summarizeTable(experiment, rows, byArm))
    expect(error.code).toBe('invalid-table')
    expect(error.message).toContain(
      `Row 2, column ${JSON.stringify(column)}: ${JSON.stringify(text)} is ${why}.`,
    )
  })

  it('refuses a column that is not there, and lists those that are', () => {
    const error = errorOf(() => summarizeTable(experiment, table(), { variantColumn: 'version' }))
    expect(error.code).toBe('invalid-table')
    expect(error.message).toContain('no column "version"; it has "id", "arm", "started"')
    const renamed = trial({ metrics: metricsWith('plays', { column: 'n_plays' }) })
    expect(() => summarizeTable(renamed, table(), byArm)).toThrow('no column "n_plays"')
  })

  it('FAULTS 43: without a row there are zeros, not NaN', () => {
    const { summary } = summarizeTable(experiment, table(), byArm)
    expect(summary.metrics['started']!['model']!.closed).toEqual({ n: 0, mean: 0, m2: 0 })
    expect(summarizeTable(experiment, [], byArm).summary.units).toEqual({
      control: 0,
      model: 0,
      'model-b': 0,
    })
  })
})

describe('a unit table with a unit column', () => {
  const rows = table(
    ['a', 'control', '1', '1', '10', '1'],
    ['b', 'model', '1', '1', '20', '1'],
    ['a', 'control', '1', '1', '30', '1'],
    ['b', 'control', '1', '1', '40', '1'],
    ['b', 'model-b', '1', '1', '50', '1'],
  )

  it('FAULTS 46: counts a unit of one arm with its first row, and one of two arms by the policy', () => {
    const { summary } = summarizeTable(experiment, rows, byUnit)
    expect(summary.units).toEqual({ control: 1, model: 0, 'model-b': 0 })
    expect(summary.metrics['watched']!['control']!.closed).toEqual({ n: 1, mean: 10, m2: 0 })
    expect(summary.counts).toMatchObject({ crossoverUnits: 1, repeatedExposures: 1 })

    const first = trial({ analysis: { method: 'asymptotic-cs', tuneAt: 1_000, crossover: 'first' } })
    const kept = summarizeTable(first, rows, byUnit).summary
    expect(kept.units).toEqual({ control: 1, model: 1, 'model-b': 0 })
    expect(kept.metrics['watched']!['model']!.closed.mean).toBe(20)
  })

  it('takes every row for a unit of its own without it', () => {
    expect(summarizeTable(experiment, rows, byArm).summary.units).toEqual({
      control: 3,
      model: 1,
      'model-b': 1,
    })
  })

  it('refuses a row without a unit', () => {
    const error = errorOf(() =>
      summarizeTable(experiment, table(['', 'control', '1', '1', '1', '1']), byUnit),
    )
    expect(error.message).toContain('Row 1 has no unit id: column "id" is empty.')
  })
})

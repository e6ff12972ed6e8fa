import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ones, summaryOf, trial } from '../../test/trial.ts'
import { evaluate } from '../evaluate.ts'
import { compareAllArms } from './omnibus.ts'

const folder = process.env['FAIRTRIAL_DATA']

/** One headline test as a trial with an arm a headline. */
function omnibusOf(arms: readonly { readonly clicks: number; readonly impressions: number }[]) {
  const names = arms.map((_, i) => `headline-${i}`)
  const experiment = trial({
    variants: names.map((name) => ({ name, weight: 1 })),
    control: names[0]!,
  } as object)
  const started = Object.fromEntries(
    arms.map(({ clicks, impressions }, i) => [names[i]!, ones(clicks, impressions)]),
  )
  return evaluate(experiment, summaryOf(experiment, { started })).metrics['started']!.omnibus
}

describe('all arms of a proportion', () => {
  it('are compared at once', () => {
    // scipy 1.17 chi2_contingency([[120, 880], [150, 900], [131, 1019]], correction=False)
    const { chiSquare, degreesOfFreedom, pValue } = compareAllArms([
      ones(120, 1_000),
      ones(150, 1_050),
      ones(131, 1_150),
    ])
    expect(chiSquare).toBeCloseTo(4.569573273006916, 10)
    expect(degreesOfFreedom).toBe(2)
    expect(pValue).toBeCloseTo(0.10179577929277706, 12)
  })

  it('say why they cannot', () => {
    const code = (arms: Parameters<typeof compareAllArms>[0]) => compareAllArms(arms).pValue
    expect(code([ones(1, 2), ones(0, 0), ones(1, 2)])).toMatchObject({ notEstimable: { code: 'no-data' } })
    expect(code([ones(2, 2), ones(3, 3), ones(4, 4)])).toMatchObject({
      notEstimable: { code: 'zero-variance' },
    })
  })

  it('need three arms', () => {
    expect(omnibusOf([1, 2].map((clicks) => ({ clicks, impressions: 9 })))).toBeUndefined()
    expect(omnibusOf([1, 2, 3].map((clicks) => ({ clicks, impressions: 9 })))).toBeDefined()
  })
})

it.runIf(folder !== undefined)('agrees with scipy on the headline tests of Upworthy', () => {
  const file = (name: string) => readFileSync(join(folder ?? '', name))
  const { first20 } = JSON.parse(file('upworthy-sample.results.json').toString())
  const [header = '', ...rows] = gunzipSync(file('upworthy-sample.csv.gz')).toString().trim().split(/\r?\n/)
  const columns = header.split(',')
  const [test, clicks, impressions] = ['test_id', 'clicks', 'impressions'].map((name) =>
    columns.indexOf(name),
  ) as [number, number, number]
  const cells = rows.map((row) => row.split(','))
  for (const expected of first20 as { test: string; arms: number; ctrP: number }[]) {
    if (expected.arms < 3) continue
    const arms = cells
      .filter((row) => row[test] === expected.test)
      .map((row) => ({ clicks: Number(row[clicks]), impressions: Number(row[impressions]) }))
    expect(arms).toHaveLength(expected.arms)
    const { pValue } = omnibusOf(arms)!
    expect(Math.abs((pValue as number) / expected.ctrP - 1), expected.test).toBeLessThanOrEqual(1e-9)
  }
})

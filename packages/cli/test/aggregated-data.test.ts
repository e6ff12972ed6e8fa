import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { auditTable } from '@fairtrial/fidelity'
import { summarizeTable } from '@fairtrial/metrics'
import { defineExperiment, type Experiment } from '@fairtrial/protocol'
import { evaluate } from '@fairtrial/sequential'
import { beforeAll, describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from './terminal.ts'

const data = process.env['FAIRTRIAL_DATA']
const file = (name: string) => join(data ?? '', name)
// Documents as a script in another language reads them.
type Document = any
const reference = (name: string): Document => JSON.parse(readFileSync(file(`${name}.results.json`), 'utf8'))

/** To 1e-9 of the number itself. */
function agree(actual: unknown, expected: number, what: string): void {
  expect(typeof actual, what).toBe('number')
  expect(Math.abs((actual as number) - expected), what).toBeLessThanOrEqual(1e-9 * Math.abs(expected))
}

const shared = {
  unitType: 'visitor',
  control: 'control',
  analysis: { method: 'asymptotic-cs', tuneAt: 50_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1d', minimumUnits: 100 }] },
} as const
const hypothesis = {
  change: 'asking how many hours a week there are for the course',
  population: 'visitors',
  metric: 'conversion',
  direction: 'increase',
  minimumLift: { absolute: 0.01 },
  horizon: '37d',
} as const
const proportion = { type: 'proportion', role: 'primary', direction: 'increase', window: '14d' } as const

/** Days of the free-trial screener, by the units that the metric is per. */
const screener = (column: string) => ({
  ...shared,
  key: 'free-trial',
  hypothesis,
  variants: [
    { name: 'control', weight: 1 },
    { name: 'screener', weight: 1, value: 'experiment' },
  ],
  metrics: { conversion: { ...proportion, column } },
})

describe.runIf(data !== undefined && existsSync(data))('tables of rows that stand for many units', () => {
  const analyze = (column: string, units: string, ...args: string[]) => {
    const path = folderWith({ 'trial.json': JSON.stringify(screener(column)) })
    const table = ['--table', file('udacity-free-trial.csv'), '--variant', 'arm', '--units', units]
    return fairtrial(['analyze', path('trial.json'), ...table, ...args, '--json'])
  }

  it('agree with statsmodels on enrolments of clicks in the free-trial screener', async () => {
    const { grossConversion, sanityClicks } = reference('udacity-free-trial')
    const { document } = await analyze('Enrollments', 'Clicks')
    const { variants, comparisons } = document.metrics.conversion
    // Enrolments stop after 23 days of 37; the sample ratio is that of all clicks.
    expect([variants.control.n, variants.screener.n]).toEqual([17_293, 17_260])
    expect(document.units).toEqual({ control: sanityClicks.control, screener: sanityClicks.experiment })
    agree(variants.control.mean, grossConversion.control, 'control')
    agree(variants.screener.mean, grossConversion.treatment, 'treatment')
    const { effect, fixed } = comparisons.screener
    agree(effect.absolute, grossConversion.difference, 'difference')
    agree(fixed.twoProportions.z, grossConversion.z, 'z')
    agree(fixed.twoProportions.pValue, grossConversion.p, 'p')
    const standardError = effect.absolute / fixed.twoProportions.z
    agree(standardError, grossConversion.sePooled, 'pooled standard error')
    agree(effect.absolute - 1.959963984540054 * standardError, grossConversion.ci95[0], 'lower end')
    agree(effect.absolute + 1.959963984540054 * standardError, grossConversion.ci95[1], 'upper end')
  })

  it.each([
    ['sanityClicks', 'Enrollments', 'Clicks'],
    ['sanityPageviews', 'Clicks', 'Pageviews'],
  ])('agree with statsmodels on the sample ratio of %s', async (name, column, units) => {
    const expected = reference('udacity-free-trial')[name]
    const { sampleRatio } = (await analyze(column, units)).document.audit
    const { control, screener: treatment } = sampleRatio.observed
    expect([control, treatment]).toEqual([expected.control, expected.experiment])
    agree(control / (control + treatment), expected.observed, 'share')
    agree(sampleRatio.chiSquare, expected.z ** 2, 'chi-square')
    agree(sampleRatio.pValue, expected.p, 'p')
    const half = 1.959963984540054 * Math.sqrt(0.25 / (control + treatment))
    agree(0.5 - half, expected.ci95[0], 'lower end')
    agree(0.5 + half, expected.ci95[1], 'upper end')
  })

  it('read the rows that fulfil all conditions', async () => {
    const { document } = await analyze('Enrollments', 'Clicks', '--where', 'Date=Sat, Oct 11')
    expect(document.units).toEqual({ control: 687, screener: 686 })
    const none = await analyze(
      'Enrollments',
      'Clicks',
      '--where',
      'Date=Sat, Oct 11',
      '--where',
      'arm=control',
    )
    expect(none.document.units).toEqual({ control: 687, screener: 0 })
  })

  describe('of 4,873 headline tests', () => {
    let header: readonly string[] = []
    let rows: readonly (readonly string[])[] = []
    const byTest = new Map<string, (readonly string[])[]>()
    beforeAll(() => {
      const lines = gunzipSync(readFileSync(file('upworthy-sample.csv.gz')))
        .toString('utf8')
        .trim()
        .split(/\r?\n/)
      const [first, ...others] = lines.map((line) => line.split(','))
      header = first!
      rows = others
      for (const row of rows) {
        const own = byTest.get(row[0]!)
        if (own === undefined) byTest.set(row[0]!, [row])
        else own.push(row)
      }
    })
    const definitions = new Map<number, Experiment>()
    const headlines = (arms: number) =>
      defineExperiment({
        ...shared,
        key: 'headlines',
        hypothesis,
        variants: Array.from({ length: arms }, (_, arm) => ({
          name: arm === 0 ? 'control' : `headline-${arm}`,
          value: String(arm),
          weight: 1,
        })),
        metrics: { conversion: { ...proportion, column: 'clicks' } },
      })
    const read = (test: string, table: readonly (readonly string[])[]) => {
      const arms = byTest.get(test)!.length
      const experiment = definitions.get(arms) ?? headlines(arms)
      definitions.set(arms, experiment)
      const where = [{ column: 'test_id', equals: test }]
      const options = { variantColumn: 'arm', unitsColumn: 'impressions', where }
      const { summary, unknownVariants } = summarizeTable(experiment, table, options)
      expect(unknownVariants).toEqual([])
      return { experiment, summary, audit: auditTable(experiment, summary) }
    }

    /** One p over all arms; of two arms, that of the pooled z test, which is the same. */
    const effectP = ({ experiment, summary }: ReturnType<typeof read>) => {
      const { omnibus, comparisons } = evaluate(experiment, summary).metrics['conversion']!
      return omnibus ? omnibus.pValue : Object.values(comparisons)[0]!.fixed.twoProportions?.pValue
    }

    it('agree with scipy on the first twenty: their sample ratios, and their effects', () => {
      for (const { test, arms, impressions, srmP, ctrP } of reference('upworthy-sample').first20) {
        const reading = read(test, [header, ...rows])
        const { units } = reading.summary
        expect(Object.keys(units)).toHaveLength(arms)
        expect(Object.values(units).reduce((sum, n) => sum + n, 0)).toBe(impressions)
        agree(reading.audit.sampleRatio?.pValue, srmP, test)
        agree(effectP(reading), ctrP, test)
      }
    })

    it('agree with scipy on how many of all have a mismatch, and how many an effect', () => {
      const readings = [...byTest].map(([test, own]) => read(test, [header, ...own]))
      const { srmBelow, ctrBelow, tests } = reference('upworthy-sample')
      expect(readings).toHaveLength(tests)
      const below = (pValues: readonly unknown[], level: string) =>
        pValues.filter((p) => typeof p === 'number' && p < Number(level)).length
      const ofUnits = readings.map(({ audit }) => audit.sampleRatio?.pValue)
      for (const [level, count] of Object.entries(srmBelow)) expect(below(ofUnits, level), level).toBe(count)
      const ofEffects = readings.map(effectP)
      for (const [level, count] of Object.entries(ctrBelow))
        expect(below(ofEffects, level), level).toBe(count)
    })
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { summarizeTable } from '@fairtrial/metrics'
import { defineExperiment, type Hypothesis } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../src/evaluate.ts'

// The global setup says it loudly when there is no folder, and fails where CI should have one.
const folder = process.env['FAIRTRIAL_DATA']

const plan = {
  unitType: 'player',
  analysis: { method: 'asymptotic-cs', tuneAt: 50_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1d', minimumUnits: 100 }] },
} as const

function hypothesis<M extends string>(metric: M): Hypothesis<M> {
  return {
    change: 'what the data set changed',
    population: 'everybody in it',
    metric,
    direction: 'increase',
    minimumLift: { relative: 0.01 },
    horizon: '30d',
  }
}

const cookieCats = defineExperiment({
  ...plan,
  key: 'cookie-cats',
  hypothesis: hypothesis('retention_1'),
  variants: [
    { name: 'gate-30', weight: 1, value: 'gate_30' },
    { name: 'gate-40', weight: 1, value: 'gate_40' },
  ],
  control: 'gate-30',
  metrics: {
    retention_1: { type: 'proportion', role: 'primary', direction: 'increase', window: '1d' },
    retention_7: { type: 'proportion', role: 'secondary', direction: 'increase', window: '7d' },
    sum_gamerounds: { type: 'mean', role: 'secondary', direction: 'increase', window: '14d' },
  },
})

const socialPressure = defineExperiment({
  ...plan,
  key: 'social-pressure',
  hypothesis: hypothesis('turnout'),
  variants: [
    { name: 'control', weight: 5, value: 'Control' },
    { name: 'civic-duty', weight: 1, value: 'Civic Duty' },
    { name: 'hawthorne', weight: 1, value: 'Hawthorne' },
    { name: 'neighbors', weight: 1, value: 'Neighbors' },
  ],
  control: 'control',
  metrics: {
    turnout: {
      type: 'proportion',
      role: 'primary',
      direction: 'increase',
      window: '1d',
      column: 'voted_2006',
    },
  },
})

function readTable(name: string): string[][] {
  const text = gunzipSync(readFileSync(join(folder!, `${name}.csv.gz`))).toString('utf8')
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','))
}

function readResults(name: string) {
  return JSON.parse(readFileSync(join(folder!, `${name}.results.json`), 'utf8'))
}

/** To 1e-9 relative. */
function expectNear(actual: unknown, expected: number): void {
  expect(typeof actual).toBe('number')
  expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected))
}

function expectBounds(actual: unknown, [lower, upper]: readonly [number, number]): void {
  const [actualLower, actualUpper] = actual as readonly unknown[]
  expectNear(actualLower, lower)
  expectNear(actualUpper, upper)
}

/** A metric's evaluation against a `welch` block of the results. */
function expectAgreement(
  { variants, comparisons }: ReturnType<typeof evaluate>['metrics'][string],
  [control, treatment]: readonly [string, string],
  welch: any,
): void {
  for (const [name, arm] of [
    [control, welch.control],
    [treatment, welch.treatment],
  ] as const) {
    expect(variants[name]!.n).toBe(arm.n)
    expectNear(variants[name]!.mean, arm.mean)
    expectNear(variants[name]!.variance, arm.variance)
  }
  const { effect, standardError, relativeStandardError, fixed } = comparisons[treatment]!
  expectNear(effect.absolute, welch.difference)
  expectNear(effect.relative, welch.relativeLift)
  expectNear(standardError, welch.se)
  expectNear(relativeStandardError, welch.relativeSeDelta)
  expectNear(fixed.statistic, welch.t)
  expectNear(fixed.degreesOfFreedom, welch.df)
  expectNear(fixed.pValue, welch.p)
  expectBounds(fixed.interval.absolute, welch.ci95)
}

describe.runIf(folder)('on public data', () => {
  it('cookie-cats: counts, means and Welch as scipy has them', () => {
    const results = readResults('cookie-cats')
    const { summary, unknownVariants } = summarizeTable(cookieCats, readTable('cookie-cats'), {
      variantColumn: 'version',
      unitColumn: 'userid',
    })
    const { metrics, units } = evaluate(cookieCats, summary)
    expect(unknownVariants).toEqual([])
    expect(Object.values(units)).toEqual(results.srm.observed)
    const arms = ['gate-30', 'gate-40'] as const
    expectAgreement(metrics['retention_1']!, arms, results.retention_1.welch)
    expectAgreement(metrics['sum_gamerounds']!, arms, results.sum_gamerounds)
    const { z, pValue, interval } = metrics['retention_1']!.comparisons['gate-40']!.fixed.twoProportions!
    expectNear(z, results.retention_1.zPooled)
    expectNear(pValue, results.retention_1.pPooled)
    expectBounds(interval, results.retention_1.newcombe95)
  })

  it('social-pressure: four arms of 305,866 people', () => {
    const results = readResults('social-pressure-turnout')
    const { summary } = summarizeTable(socialPressure, readTable('social-pressure-turnout'), {
      variantColumn: 'arm',
    })
    const { metrics, units } = evaluate(socialPressure, summary)
    expect(Object.values(units)).toEqual(results.srm.observed)
    for (const { name, value } of socialPressure.variants.slice(1)) {
      expect(metrics['turnout']!.comparisons[name]!.verdict).toBe('better')
      const expected = results.comparisons[value!]
      if (expected !== undefined) expectAgreement(metrics['turnout']!, ['control', name], expected.welch)
    }
    expect(Object.keys(results.comparisons)).toContain('Civic Duty')
  })
})

import type { MetricSummary, SegmentSummary } from '@fairtrial/protocol'
import { mergeMoments } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { summaryOf, trial } from '../../test/trial.ts'
import { evaluate } from '../evaluate.ts'

type Row = readonly [n: number, mean: number, variance: number]
const moments = ([n, mean, variance]: Row) => ({ n, mean, m2: variance * (n - 1) })

function compareStrata(rows: readonly (readonly [control: Row, model: Row])[]) {
  const experiment = trial({ dimensions: { country: { known: 'before-exposure', stratify: true } } })
  const cell = (row: Row): MetricSummary => ({ closed: moments(row), current: moments(row), missing: 0 })
  const country = Object.fromEntries(
    rows.map(([control, model], i): [string, SegmentSummary] => [
      `country ${i}`,
      {
        units: { control: control[0], model: model[0] },
        metrics: { watched: { control: cell(control), model: cell(model) } },
      },
    ]),
  )
  const whole = (arm: 0 | 1) => rows.map((row) => moments(row[arm])).reduce(mergeMoments)
  const summary = summaryOf(experiment, { watched: { control: whole(0), model: whole(1) } })
  return evaluate(experiment, { ...summary, segments: { country } }).metrics['watched']!.comparisons['model']!
}

const rows = [
  [
    [50, 10, 4],
    [40, 11, 5],
  ],
  [
    [100, 20, 9],
    [120, 20.5, 8],
  ],
  [
    [30, 35, 16],
    [25, 37, 20],
  ],
] as const

describe('a stratified estimate', () => {
  // By the formulas in numpy, from influence functions; the covariance with control's mean also by 100,000 simulated trials.
  const comparison = compareStrata(rows)

  it('is what the strata differ by, weighted by their share of all units', () => {
    expect(comparison.effect.absolute).toBeCloseTo(0.8493150684931506, 12)
    expect(comparison.standardError).toBeCloseTo(0.31688828037468103, 12)
    expect(comparison.fixed.method).toBe('stratified')
    expect(comparison.fixed.degreesOfFreedom).toBeCloseTo(360.05184487352375, 8)
    expect(comparison.fixed.pValue).toBeCloseTo(0.007696577844003552, 12)
    const [lower, upper] = comparison.interval.absolute as [number, number]
    expect(lower).toBeCloseTo(-0.17210097776738775, 10)
    expect(upper).toBeCloseTo(1.870731114753689, 10)
  })

  it('is relative to control as it is', () => {
    expect(comparison.effect.relative).toBeCloseTo(0.043063862627821727, 12)
    expect(comparison.relativeStandardError).toBeCloseTo(0.016420505739084414, 12)
  })

  it('stands beside the plain one, with what the strata took of the variance', () => {
    const { unadjusted } = comparison
    expect(unadjusted!.effect.absolute).toBeCloseTo(0.9534534534534558, 12)
    expect(unadjusted!.standardError).toBeCloseTo(0.8752235924326305, 12)
    expect(unadjusted!.varianceReduction).toBeCloseTo(0.8689085631452972, 12)
    expect(comparison.assumptions.join(' ')).toContain("A unit's country was known before its exposure")
  })

  it('joins strata that are too small for a spread, and loses no unit', () => {
    const small = [
      [1, 12, 0],
      [3, 14, 1],
    ] as const
    const other = [
      [4, 9, 1],
      [1, 14, 0],
    ] as const
    const joined = compareStrata([...rows, small, other])
    expect(joined.fixed.method).toBe('stratified')
    // 5 and 4 units that are together one stratum: means 9.6 and 14.
    const weight = 9 / 374
    const rest = rows.map(([c, t]) => ((c[0] + t[0]) / 374) * (t[1] - c[1])).reduce((sum, each) => sum + each)
    expect(joined.effect.absolute).toBeCloseTo(rest + weight * (14 - 9.6), 10)
    const lone = compareStrata([...rows, small])
    const [first, second] = rows.map(([c, t]) => ((c[0] + t[0]) / 369) * (t[1] - c[1]))
    const smallest = (25 * 37 + 3 * 14) / 28 - (30 * 35 + 12) / 31
    expect(lone.effect.absolute).toBeCloseTo(first! + second! + (59 / 369) * smallest, 10)
    expect(compareStrata([small]).fixed.method).toBe('welch')
  })
})

import type { MetricSummary } from '@fairtrial/protocol'
import {
  clusteredDifference,
  differenceOfEstimates,
  type Estimable,
  isEstimable,
  jointMomentsOf,
  momentsOf,
  regressionDifference,
} from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { trial } from '../../test/trial.ts'
import { estimateArms } from './estimate-arms.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

/** Rows of numbers, as a summary has them. */
function jointly(rows: readonly (readonly number[])[], rest: Partial<MetricSummary> = {}): MetricSummary {
  const closed = momentsOf(rows.map((row) => row[0]!))
  return { closed, current: closed, missing: 0, joint: jointMomentsOf(rows), ...rest }
}

describe('clusters', () => {
  const cluster = { unitType: 'household', attribute: 'household' }
  const members = {
    control: [[1, 0, 0, 1], [0, 0], [1, 1, 0], [0], [1, 1, 1, 0, 1]],
    treatment: [[1, 1], [0, 1, 1, 1, 1, 0], [1], [1, 0, 1]],
  }
  const sums = (households: readonly (readonly number[])[]) =>
    households.map((household): [number, number] => [
      household.reduce((sum, each) => sum + each, 0),
      household.length,
    ])
  const arm = (households: readonly (readonly number[])[], isListed = true) =>
    jointly(sums(households), isListed ? { clusters: sums(households) } : {})
  const proportion = trial().metrics['started']!

  it('that are few have the bias-reduced variance and degrees of freedom that all their members give', () => {
    const estimates = known(
      estimateArms(arm(members.control), arm(members.treatment), proportion, { cluster }),
    )
    const rows = (['control', 'treatment'] as const).flatMap((name) =>
      members[name].flatMap((household, i) =>
        household.map((value) => ({ value, isTreated: name === 'treatment', cluster: `${name}${i}` })),
      ),
    )
    const expected = known(clusteredDifference(rows))
    const test = known(estimates.difference())
    expect(estimates.method).toBe('clustered')
    expect(test.difference).toBeCloseTo(expected.difference, 12)
    expect(test.standardError).toBeCloseTo(expected.standardError, 12)
    expect(test.degreesOfFreedom).toBeCloseTo(expected.degreesOfFreedom, 9)
    expect(test.pValue).toBeCloseTo(expected.pValue, 12)
  })

  it('that are many, or not listed, have the variance of the delta method', () => {
    const many = Array.from({ length: 30 }, (_, i) => members.control[i % 5]!)
    const others = Array.from({ length: 30 }, (_, i) => members.treatment[i % 4]!)
    for (const isListed of [true, false]) {
      const estimates = known(
        estimateArms(arm(many, isListed), arm(others, isListed), proportion, { cluster }),
      )
      const { control, treatment, n } = estimates
      expect(known(estimates.difference())).toEqual(known(differenceOfEstimates(control, treatment)))
      expect(n).toEqual({ control: 30, treatment: 30 })
      expect(control.degreesOfFreedom).toBe(29)
    }
  })

  it('of one unit each are plain units', () => {
    const alone = (values: readonly number[]) => arm(values.map((value) => [value]))
    const [c, t] = [
      [0, 1, 1, 0, 0, 1],
      [1, 1, 0, 1],
    ] as const
    const estimates = known(estimateArms(alone(c), alone(t), proportion, { cluster }))
    const rows = [
      ...c.map((value) => ({ value, isTreated: false })),
      ...t.map((value) => ({ value, isTreated: true })),
    ]
    expect(known(estimates.difference()).standardError).toBeCloseTo(
      known(regressionDifference(rows, { variance: 'HC2' })).standardError,
      12,
    )
    // n / (n − 1) apart from the plain variance of a proportion, and no more.
    expect(estimates.designEffect).toBeCloseTo(1, 0)
  })

  it('tell their design effect', () => {
    const alike = [
      [1, 1, 1, 1],
      [0, 0, 0, 0],
      [1, 1, 1, 1],
      [0, 0, 0, 0],
      [0, 0, 0, 1],
    ]
    const { designEffect } = known(estimateArms(arm(alike), arm(members.treatment), proportion, { cluster }))
    expect(designEffect).toBeGreaterThan(2)
  })
})

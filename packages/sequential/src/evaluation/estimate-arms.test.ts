import type { JointMoments, MetricSummary, SealedMetric } from '@fairtrial/protocol'
import {
  cupedDifference,
  cupedLift,
  type Estimable,
  isEstimable,
  jointMomentsOf,
  momentsOf,
  ratioLift,
} from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { summaryOf, trial } from '../../test/trial.ts'
import { evaluate } from '../evaluate.ts'
import { armsOf, contrast, relativeBounds, relativeEffectOfArms } from './arms.ts'
import { estimateArms } from './estimate-arms.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

function metricOf(changes: object): SealedMetric {
  const { metrics } = trial({
    metrics: {
      started: { type: 'mean', role: 'primary', direction: 'increase', window: '1d', ...changes },
    } as never,
    guardrails: [],
  })
  return metrics['started']!
}

/** Rows of numbers, as a summary has them. */
function jointly(rows: readonly (readonly number[])[], rest: Partial<MetricSummary> = {}): MetricSummary {
  const closed = momentsOf(rows.map((row) => row[0]!))
  return { closed, current: closed, missing: 0, joint: jointMomentsOf(rows), ...rest }
}

describe('covariates', () => {
  // Of social-pressure-turnout.csv.gz (Gerber, Green & Larimer, APSR 102, 2008): people by whether they voted in 2004 and
  // in 2006. What is expected is `comparisons["Civic Duty"].cuped` of social-pressure-turnout.results.json (numpy).
  const control = voters({ neither: 87_489, only2006: 27_192, only2004: 47_024, both: 29_538 })
  const treatment = voters({ neither: 17_090, only2006: 5_862, only2004: 9_107, both: 6_159 })
  const metric = metricOf({ type: 'proportion', covariates: [{ column: 'voted_2004' }] })

  function voters(people: {
    neither: number
    only2006: number
    only2004: number
    both: number
  }): MetricSummary {
    const { neither, only2006, only2004, both } = people
    const n = neither + only2006 + only2004 + both
    const [y, x] = [(only2006 + both) / n, (only2004 + both) / n]
    const joint: JointMoments = {
      n,
      means: [y, x, 0],
      products: [
        [n * y * (1 - y), both - n * y * x, 0],
        [both - n * y * x, n * x * (1 - x), 0],
        [0, 0, 0],
      ],
    }
    const closed = { n, mean: y, m2: n * y * (1 - y) }
    return { closed, current: closed, missing: 0, joint }
  }

  it('are taken out: the turnout of 305,866 people, given how they voted before', () => {
    const estimates = known(estimateArms(control, treatment, metric))
    const test = known(estimates.difference())
    expect(estimates.method).toBe('regression')
    expect(test.difference).toBeCloseTo(0.018032105011672017, 12)
    expect(test.standardError).toBeCloseTo(0.0025626618024915874, 12)
    expect(test.t).toBeCloseTo(7.036474728791768, 9)
    expect(estimates.varianceReduction).toBeCloseTo(0.0245560351189541, 10)
    expect(known(estimates.unadjusted!.difference()).standardError).toBeCloseTo(0.0025947178085833655, 12)
  })

  it('leave the effect, its error and its relative error as the estimates of the arms have them', () => {
    const arms = known(armsOf(estimateArms(control, treatment, metric), { alpha: 0.05, tuneAt: 50_000 }))
    const [lower, upper] = contrast(arms, 1, 0)
    expect((lower + upper) / 2).toBeCloseTo(0.018032105011672017, 12)
    expect((upper - lower) / 2 / arms.multiplier).toBeCloseTo(0.0025626618024915874, 12)
    // Relative to control's mean as it is.
    const lift = known(cupedLift(control.joint!, treatment.joint!))
    const relative = relativeEffectOfArms(arms)
    expect(relative.estimate).toBeCloseTo(lift.lift, 12)
    expect(Math.abs(relative.standardError / lift.standardError - 1)).toBeLessThan(1e-4)
    const [least, most] = relativeBounds(arms)!
    expect((most - least) / 2 / arms.multiplier / lift.standardError).toBeCloseTo(1, 3)
    // Exactly where the absolute bounds meet zero, so do the relative ones.
    const multiplier = 0.018032105011672017 / 0.0025626618024915874
    expect(relativeBounds({ ...arms, multiplier })![0]).toBeCloseTo(0, 12)
  })

  it('stand beside what it were without them', () => {
    const definition = trial({
      metrics: {
        started: {
          type: 'proportion',
          role: 'primary',
          direction: 'increase',
          window: '1d',
          covariates: [{ column: 'x' }],
        },
      } as never,
      guardrails: [],
    })
    const summary = summaryOf(definition, {})
    const { metrics } = evaluate(definition, {
      ...summary,
      metrics: { started: { control, model: treatment } },
    })
    const { effect, unadjusted, fixed, standardError } = metrics['started']!.comparisons['model']!
    expect(effect.absolute).toBeCloseTo(0.018032105011672017, 12)
    expect(effect.relative).toBeCloseTo(0.018032105011672017 / 0.2966383083302395, 12)
    expect(fixed.method).toBe('regression')
    expect(fixed.twoProportions).toBeUndefined()
    expect(unadjusted!.effect.absolute).toBeCloseTo(0.01789934408485283, 12)
    expect(unadjusted!.varianceReduction).toBeCloseTo(0.0245560351189541, 10)
    expect(unadjusted!.standardError as number).toBeGreaterThan(standardError as number)
  })

  it('change nothing while an arm has no spread: there is nothing to explain', () => {
    const still = jointly([
      [0, 1, 0],
      [0, 2, 0],
      [0, 4, 0],
    ])
    const moved = jointly([
      [0, 1, 0],
      [1, 2, 0],
      [0, 3, 0],
    ])
    const estimates = known(estimateArms(still, moved, metric))
    expect(estimates).toMatchObject({ method: 'welch', slope: 1 })
    expect(estimates.unadjusted).toBeUndefined()
  })

  it('are taken out of ratios, and of clusters per unit', () => {
    // Numerator or sum, denominator or units, covariate, whether it was missing.
    const c = jointly([
      [3, 4, 2, 0],
      [5, 6, 4, 0],
      [1, 3, 1, 1],
      [7, 9, 6, 0],
      [2, 5, 3, 1],
    ])
    const t = jointly([
      [4, 4, 2, 0],
      [6, 5, 5, 1],
      [3, 4, 2, 0],
      [9, 9, 6, 0],
      [3, 6, 2, 0],
    ])
    const outcome = { numerator: 0, denominator: 1 }
    const ratio = known(estimateArms(c, t, metricOf(RATIO_WITH_COVARIATE)))
    const plain = { outcome, covariates: [{ numerator: 2 }, { numerator: 3 }] }
    expect(known(ratio.difference()).difference).toBe(
      known(cupedDifference(c.joint!, t.joint!, plain)).difference,
    )
    const cluster = { unitType: 'household', attribute: 'household' }
    const clustered = known(estimateArms(c, t, metricOf({ covariates: [{ column: 'x' }] }), { cluster }))
    const perUnit = {
      outcome,
      covariates: [
        { numerator: 2, denominator: 1 },
        { numerator: 3, denominator: 1 },
      ],
    }
    const expected = known(cupedDifference(c.joint!, t.joint!, perUnit))
    expect(known(clustered.difference()).standardError).toBe(expected.standardError)
    for (const estimates of [ratio, clustered]) {
      const [lower, upper] = contrast(known(armsOf(estimates, { alpha: 0.05, tuneAt: 10 })), 1, 0)
      expect((lower + upper) / 2).toBeCloseTo(known(estimates.difference()).difference, 12)
    }
  })

  const RATIO_WITH_COVARIATE = {
    type: 'ratio',
    denominator: { event: 'views' },
    covariates: [{ column: 'x' }],
  }
})

describe('a ratio', () => {
  const ratio = metricOf({ type: 'ratio', denominator: { event: 'views' } })

  it('has the spread of units, by the delta method', () => {
    const c = [
      [1, 3],
      [2, 5],
      [0, 0],
      [4, 6],
    ]
    const t = [
      [3, 3],
      [2, 4],
      [5, 6],
      [-1, 0],
    ]
    const estimates = known(estimateArms(jointly(c), jointly(t), ratio))
    expect(estimates).toMatchObject({ method: 'delta', n: { control: 4, treatment: 4 } })
    expect(estimates.control.mean).toBe(0.5)
    const cross = (rows: readonly (readonly number[])[]) => {
      const { n, means, products } = jointMomentsOf(rows)
      const [meanY, meanX] = means as [number, number]
      return { n, meanX, meanY, m2X: products[1]![1]!, m2Y: products[0]![0]!, cXY: products[0]![1]! }
    }
    expect(known(estimates.lift()).standardError).toBeCloseTo(
      known(ratioLift(cross(c), cross(t))).standardError,
      14,
    )
  })

  it('FAULTS 49: whose denominators are all 0 is no number, and says so', () => {
    const none = jointly([
      [1, 0],
      [2, 0],
    ])
    const estimates = estimateArms(none, none, ratio)
    expect(isEstimable(estimates)).toBe(false)
    expect(estimates).toMatchObject({ notEstimable: { code: 'not-applicable' } })
  })
})

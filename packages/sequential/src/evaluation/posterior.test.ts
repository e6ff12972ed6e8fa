import type { Bounds, Comparison } from '@fairtrial/protocol'
import { isEstimable, normalModel, relativeLift, welch } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { summaryOf, trial } from '../../test/trial.ts'
import { evaluate } from '../evaluate.ts'

const control = { n: 400, mean: 10, m2: 399 * 4 }
const arm = (mean: number) => ({ n: 500, mean, m2: 499 * 5 })

function comparisonOf(
  mean: number,
  bayesian: object = {},
  direction: 'increase' | 'decrease' = 'increase',
): Comparison {
  const experiment = trial({
    hypothesis: {
      change: 'x',
      population: 'y',
      metric: 'watched',
      direction,
      minimumLift: { relative: 0.02 },
      horizon: '14d',
    },
    metrics: { watched: { type: 'mean', role: 'primary', direction, window: '1d' } },
    guardrails: [],
    analysis: {
      method: 'bayesian',
      tuneAt: 1_000,
      bayesian: {
        prior: { scale: 'absolute', mean: 0, standardDeviation: 0.3 },
        stopWhen: { chanceToBeat: 0.95 },
        ...bayesian,
      },
    } as never,
  })
  const { metrics, looks } = evaluate(
    experiment,
    summaryOf(experiment, { watched: { control, model: arm(mean) } }),
  )
  expect(looks.looks).toEqual([])
  return metrics['watched']!.comparisons['model']!
}

function posteriorOf(mean: number, prior: { mean: number; variance: number }, isRelative = false) {
  const test = (isRelative ? relativeLift : welch)(control, arm(mean))
  if (!isEstimable(test)) throw new Error('no test')
  const estimate = 'lift' in test ? test.lift : test.difference
  const posterior = normalModel({ estimate, standardError: test.standardError }, { prior })
  if (!isEstimable(posterior)) throw new Error('no posterior')
  return posterior
}

describe('a Bayesian plan', () => {
  it('has the posterior of the normal model, with the prior of the plan', () => {
    const { bayesian, interval, method, verdict } = comparisonOf(10.1)
    const posterior = posteriorOf(10.1, { mean: 0, variance: 0.09 })
    expect(bayesian!.chanceToBeat).toBeCloseTo(posterior.chanceToWin, 12)
    expect(bayesian!.expectedLoss).toEqual({
      ship: expect.closeTo(posterior.expectedLossTreatment, 12),
      stay: expect.closeTo(posterior.expectedLossControl, 12),
    })
    expect(method).toBe('credible')
    expect(interval).toEqual(bayesian!.interval)
    const { lower, upper } = posterior.interval
    expect(interval.absolute).toEqual([expect.closeTo(lower, 12), expect.closeTo(upper, 12)])
    expect(interval.relative).toEqual([expect.closeTo(lower / 10, 12), expect.closeTo(upper / 10, 12)])
    expect(verdict).toBe('unknown')
  })

  it('tells all of it in the metric, also where the prior is relative', () => {
    const prior = { scale: 'relative', mean: 0.01, standardDeviation: 0.02 }
    const { bayesian } = comparisonOf(10.1, { prior, practicalEquivalence: { relative: 0.01 } })
    const posterior = posteriorOf(10.1, { mean: 0.01, variance: 0.0004 }, true)
    expect(bayesian!.chanceToBeat).toBeCloseTo(posterior.chanceToWin, 12)
    expect(bayesian!.expectedLoss.ship).toBeCloseTo(10 * posterior.expectedLossTreatment, 12)
    expect((bayesian!.interval.relative as Bounds)[0]).toBeCloseTo(posterior.interval.lower, 12)
    expect((bayesian!.interval.absolute as Bounds)[1]).toBeCloseTo(10 * posterior.interval.upper, 12)
    expect(bayesian!.practicallyEquivalent).toBeGreaterThan(0)
    expect(bayesian!.practicallyEquivalent).toBeLessThan(1)
    expect(comparisonOf(10.1, { prior }).bayesian!.practicallyEquivalent).toBeUndefined()
  })

  it('wins by its rule, loses by the mirror of it, and follows the direction of the metric', () => {
    expect(comparisonOf(10.5).verdict).toBe('better')
    expect(comparisonOf(9.5).verdict).toBe('worse')
    expect(comparisonOf(9.5, {}, 'decrease').verdict).toBe('better')
    expect(comparisonOf(10.5, {}, 'decrease').verdict).toBe('worse')
    const [up, down] = [comparisonOf(10.3), comparisonOf(9.7, {}, 'decrease')]
    expect(down.bayesian!.chanceToBeat).toBeCloseTo(up.bayesian!.chanceToBeat as number, 12)
    expect((down.interval.absolute as Bounds)[0]).toBeCloseTo(-(up.interval.absolute as Bounds)[1], 12)
  })

  it('waits until what a mistake is expected to cost is small enough, too', () => {
    const stopWhen = { chanceToBeat: 0.95, expectedLoss: { absolute: 1e-9 } }
    expect(comparisonOf(10.5, { stopWhen }).verdict).toBe('unknown')
    expect(comparisonOf(9.5, { stopWhen }).verdict).toBe('unknown')
    const relative = { chanceToBeat: 0.95, expectedLoss: { relative: 0.01 } }
    expect(comparisonOf(10.5, { stopWhen: relative }).verdict).toBe('better')
  })
})

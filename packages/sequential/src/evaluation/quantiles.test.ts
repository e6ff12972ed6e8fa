import type { ExperimentDefinition, Guardrail } from '@fairtrial/protocol'
import { momentsOf, normalQuantile, sketchOf } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { summaryOf, trial } from '../../test/trial.ts'
import { evaluate } from '../evaluate.ts'

/** The quantiles of a lognormal distribution, evenly spaced, times a factor. */
const waits = (factor: number, n = 2_000) =>
  Array.from({ length: n }, (_, i) => Math.exp(0.5 * normalQuantile((i + 0.5) / n) + 1) * factor)

function compareWaits(
  control: readonly number[],
  model: readonly number[],
  changes: Partial<ExperimentDefinition> = {},
) {
  const experiment = trial({
    metrics: {
      started: { type: 'proportion', role: 'primary', direction: 'increase', window: '10s' },
      wait: { type: 'quantile', quantile: 0.9, role: 'secondary', direction: 'decrease', window: '5s' },
    },
    guardrails: [],
    ...changes,
  } as Partial<ExperimentDefinition>)
  const summary = summaryOf(experiment, { wait: { control, model } })
  const arm = (values: readonly number[]) => ({
    closed: momentsOf(values),
    current: momentsOf(values),
    missing: 0,
    sketch: sketchOf(values),
  })
  const metrics = { ...summary.metrics, wait: { control: arm(control), model: arm(model) } }
  return evaluate(experiment, { ...summary, metrics }).metrics['wait']!
}

/** To twice the accuracy of two values of the sketch, of 7 at most. */
function agree(actual: unknown, expected: number, size = 7): void {
  expect(Math.abs((actual as number) - expected)).toBeLessThan(0.004 * size)
}

describe('a quantile metric', () => {
  const wait = compareWaits(waits(1), waits(1.3))
  const comparison = wait.comparisons['model']!

  it('has the quantile for its mean', () => {
    agree(wait.variants['control']!.mean, 5.15550035278555)
    agree(wait.variants['model']!.mean, 6.702150458621215)
    agree(comparison.effect.absolute, 1.5466501058356652)
    agree(comparison.effect.relative, 0.3, 1)
  })

  it('is compared within bounds that hold at every look', () => {
    // Order statistics 1753 and 1845 of each arm: the ranks at which the one-sided beta-binomial mixture, by scipy's betaln and
    // beta.logsf, has evidence of 1/0.01; ends by numpy.
    const { absolute, relative } = comparison.interval
    const [lower, upper] = absolute as [number, number]
    agree(lower, 0.7702432902441574)
    agree(upper, 2.342650702594889)
    agree((relative as [number, number])[0], 0.13928489504978647, 1)
    agree((relative as [number, number])[1], 0.4833866466088339, 1)
    expect(comparison).toMatchObject({ method: 'confidence-sequence', verdict: 'worse' })
    expect(comparison.assumptions.at(-1)).toContain('at any number of units and for any distribution')
  })

  it('has the p that is dual to them', () => {
    // 3.3e-9 by bisection of the same in Python; the sketch's bins move it a little.
    expect(comparison.anytimePValue).toBeGreaterThan(1e-9)
    expect(comparison.anytimePValue).toBeLessThan(1e-8)
    expect(compareWaits(waits(1), waits(1)).comparisons['model']!.anytimePValue).toBe(1)
  })

  it('is tested at one look by the distance of its order statistics', () => {
    expect(comparison.fixed.method).toBe('order-statistics')
    // numpy: ((upper − lower) / 2z)² (n − 1)/n of each arm
    expect(Math.abs((comparison.standardError as number) / 0.17021292932484278 - 1)).toBeLessThan(0.02)
    expect(comparison.detectable).toBeGreaterThan((2.342650702594889 - 0.7702432902441574) / 2)
  })

  it('is no sum, and says what it stands on when there is little', () => {
    const few = compareWaits(waits(1, 30), waits(1.3, 30)).comparisons['model']!
    agree(few.effect.relative, 0.3, 1)
    expect(few.interval.absolute).toMatchObject({ notEstimable: { code: 'unbounded' } })
    expect(few.anytimePValue).toMatchObject({ notEstimable: { code: 'unbounded' } })
    expect(few.fixed.pValue).toMatchObject({ notEstimable: { code: 'too-few-units' } })
    const none = compareWaits([], waits(1)).comparisons['model']!
    for (const each of [
      none.effect.absolute,
      none.interval.absolute,
      none.anytimePValue,
      none.standardError,
    ]) {
      expect(each).toMatchObject({ notEstimable: { code: 'no-data' } })
    }
    const heap = compareWaits(Array(500).fill(3), Array(500).fill(3)).comparisons['model']!
    expect(heap.interval.absolute).toEqual([expect.any(Number), expect.any(Number)])
    expect(heap.verdict).toBe('unknown')
    const zeros = compareWaits(Array(500).fill(0), Array(500).fill(3)).comparisons['model']!
    expect(zeros.interval.relative).toMatchObject({ notEstimable: { code: 'unbounded' } })
    expect(zeros.standardError).toMatchObject({ notEstimable: { code: 'zero-variance' } })
  })

  it.each([
    ['absolute', { absolute: 0.5 }, 'breach'],
    ['absolute', { absolute: 3 }, 'ok'],
    ['absolute', { absolute: 1.5 }, 'unknown'],
    ['relative', { relative: 0.1 }, 'breach'],
    ['relative', { relative: 0.6 }, 'ok'],
    ['relative', { relative: 0.3 }, 'unknown'],
  ] as const)('is guarded by a margin, %s %o: %s', (_, margin, verdict) => {
    const rule: Guardrail = { metric: 'wait', margin, action: 'abort' }
    const { guardrail } = compareWaits(waits(1), waits(1.3), { guardrails: [rule] }).comparisons['model']!
    expect(guardrail!.verdict).toBe(verdict)
  })

  it('does not shield an arm whose control waits for nothing: an open margin says why', () => {
    const rule: Guardrail = { metric: 'wait', margin: { relative: 0.1 }, action: 'abort' }
    const { guardrail } = compareWaits(Array(2_000).fill(0), waits(1), { guardrails: [rule] }).comparisons[
      'model'
    ]!
    expect(guardrail).toMatchObject({
      verdict: 'unknown',
      detail: expect.stringContaining("control's quantile is not told apart from 0"),
    })
  })
})

import type { Comparison, Experiment, LookLedger, Moments } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { summaryOf, trial } from '../../../test/trial.ts'
import { evaluate, type EvaluateOptions } from '../../evaluate.ts'
import { exitProbabilities } from '../../group-sequential/exit-probabilities.ts'
import { groupSequentialBoundaries } from '../../group-sequential/boundaries.ts'

const MAXIMUM = 10_000

function plan(analysis: object): Experiment {
  return trial({
    hypothesis: {
      change: 'x',
      population: 'y',
      metric: 'watched',
      direction: 'increase',
      minimumLift: { relative: 0.02 },
      horizon: '14d',
    },
    metrics: { watched: { type: 'mean', role: 'primary', direction: 'increase', window: '1d' } },
    guardrails: [],
    analysis: { maximumUnits: MAXIMUM, ...analysis } as never,
  })
}

/** Looks at a fraction of the information, z standard errors from 0. */
function lookAt(
  experiment: Experiment,
  fraction: number,
  z: number,
  options: EvaluateOptions,
): { readonly comparison: Comparison; readonly ledger: LookLedger } {
  const n = Math.round((fraction * MAXIMUM) / 2)
  const arm = (mean: number): Moments => ({ n, mean, m2: n - 1 })
  const values = { watched: { control: arm(5), model: arm(5 + z * Math.sqrt(2 / n)) } }
  const evaluation = evaluate(experiment, summaryOf(experiment, values), options)
  return { comparison: evaluation.metrics['watched']!.comparisons['model']!, ledger: evaluation.looks }
}

describe('a final look', () => {
  const sequential = plan({ method: 'group-sequential' })
  const rule = { type: 'hwang-shih-decani', gamma: -4 } as const

  it('spends what is left, where the trial ends before its information is complete', () => {
    const { ledger } = lookAt(sequential, 0.4, 1, {})
    const { comparison } = lookAt(sequential, 0.7, 2.1, { ledger, look: 'final' })
    const design = { informationFractions: [0.4, 0.7], rule, sides: 2, alpha: 0.05 } as const
    const bounds = groupSequentialBoundaries({ ...design, isFinal: true })
    expect(comparison).toMatchObject({ verdict: 'better', method: 'repeated' })
    expect(comparison.look).toMatchObject({ kind: 'final', taken: 2, nextAt: null })
    expect(comparison.look!.boundary).toBeCloseTo(bounds.upper[1]!, 9)
    expect(comparison.look!.alphaSpent).toBeCloseTo(0.05, 12)
    // A look of the schedule at the same place would have asked for more.
    expect(groupSequentialBoundaries(design).upper[1]!).toBeGreaterThan(2.1)
    const { upper } = exitProbabilities(bounds, 0)
    expect(2 * upper.reduce((sum, p) => sum + p, 0)).toBeCloseTo(0.05, 7)
  })

  it('is the last: no look follows it, whatever comes', () => {
    const first = lookAt(sequential, 0.7, 1, { look: 'final' })
    expect(first.comparison).toMatchObject({ verdict: 'unknown', look: { kind: 'final', nextAt: null } })
    expect(first.comparison.look).not.toHaveProperty('conditionalPower')
    for (const look of ['scheduled', 'independent', 'final'] as const) {
      const after = lookAt(sequential, 1, 9, { ledger: first.ledger, look })
      expect(after.comparison).toMatchObject({ verdict: 'unknown', look: { kind: 'glance', taken: 1 } })
    }
  })

  it('ends a fixed horizon early, at the bound of one look', () => {
    const { comparison } = lookAt(plan({ method: 'fixed-horizon' }), 0.6, 2, { look: 'final' })
    expect(comparison).toMatchObject({ verdict: 'better', method: 'fixed', look: { kind: 'final' } })
    expect(comparison.look!.boundary).toBeCloseTo(1.959964, 5)
  })

  it('is any other evaluation under a confidence sequence, which has no last look', () => {
    const always = plan({ method: 'asymptotic-cs' })
    const { comparison, ledger } = lookAt(always, 0.6, 2, { look: 'final' })
    expect(comparison).toEqual(lookAt(always, 0.6, 2, {}).comparison)
    expect(ledger.looks).toEqual([])
  })
})

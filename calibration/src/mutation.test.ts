// The table must turn red when `evaluate` is wrong: each of these breaks it on purpose.
import type { Comparison, Evaluation, Experiment } from '@fairtrial/protocol'
import { evaluate } from '@fairtrial/sequential'
import { describe, expect, it } from 'vitest'
import { measure } from './measure.ts'
import { withOpenWindows } from './rows/open-windows.ts'
import { rows } from './rows.ts'
import { table } from './table.ts'

type Evaluate = typeof evaluate

/** An `evaluate` whose comparisons are changed after the fact. */
function withComparisons(change: (comparison: Comparison) => Comparison): Evaluate {
  return (experiment, summary, options) => {
    const evaluation = evaluate(experiment, summary, options)
    const metrics = Object.entries(evaluation.metrics).map(([name, metric]) => [
      name,
      {
        ...metric,
        comparisons: Object.fromEntries(
          Object.entries(metric.comparisons).map(([variant, comparison]) => [variant, change(comparison)]),
        ),
      },
    ])
    return { ...evaluation, metrics: Object.fromEntries(metrics) as Evaluation['metrics'] }
  }
}

const withPlan =
  (change: (experiment: Experiment) => Partial<Experiment['analysis']>): Evaluate =>
  (experiment, summary, options) =>
    evaluate({ ...experiment, analysis: { ...experiment.analysis, ...change(experiment) } }, summary, options)

/** All metrics that are better when they increase. */
function verdictOf(lower: number, upper: number): 'better' | 'worse' | 'unknown' {
  if (lower <= 0 && upper >= 0) return 'unknown'
  return lower > 0 ? 'better' : 'worse'
}

const FIXED_AT_EVERY_LOOK = withComparisons((comparison) => {
  const { absolute } = comparison.fixed.interval
  if (!Array.isArray(absolute)) return comparison
  const [lower, upper] = absolute as [number, number]
  return { ...comparison, verdict: verdictOf(lower, upper) }
})

const NEVER_ABORTS = withComparisons((comparison) =>
  comparison.guardrail
    ? { ...comparison, guardrail: { ...comparison.guardrail, verdict: 'unknown' } }
    : comparison,
)

const broken: Record<string, { evaluate: Evaluate; row: string }> = {
  'an interval that is too narrow': {
    evaluate: withComparisons((comparison) => {
      const { absolute } = comparison.interval
      if (!Array.isArray(absolute)) return comparison
      const [lower, upper] = absolute as [number, number]
      const [middle, reach] = [(lower + upper) / 2, (0.6 * (upper - lower)) / 2]
      return { ...comparison, verdict: verdictOf(middle - reach, middle + reach) }
    }),
    row: 'verdicts/alike-rate-20',
  },
  'a fixed test at every look': {
    evaluate: FIXED_AT_EVERY_LOOK,
    row: 'verdicts/alike-rate-20',
  },
  'a fixed test at every look of a plan with looks': {
    evaluate: FIXED_AT_EVERY_LOOK,
    row: 'planned-looks/type-1-14',
  },
  'a false-abort alpha that each guardrail has whole': {
    evaluate: withPlan(({ analysis, guardrails, variants }) => ({
      falseAbortAlpha: analysis.falseAbortAlpha * guardrails.length * (variants.length - 1),
    })),
    row: 'guardrails/false-abort-shared',
  },
  'guardrails that never abort': {
    evaluate: NEVER_ABORTS,
    row: 'guardrails/harm-found',
  },
  'guardrails that abort no ramp': {
    evaluate: NEVER_ABORTS,
    row: 'rollout/harm-4-aborted/fairtrial',
  },
  'guardrails that let every ramp pass': {
    evaluate: withComparisons((comparison) =>
      comparison.guardrail
        ? { ...comparison, guardrail: { ...comparison.guardrail, verdict: 'ok' } }
        : comparison,
    ),
    row: 'rollout/harm-2-passed/fairtrial',
  },
  'intervals that are twice too wide': {
    evaluate: withComparisons((comparison) => {
      const { absolute } = comparison.interval
      if (!Array.isArray(absolute)) return comparison
      const [lower, upper] = absolute as [number, number]
      return { ...comparison, verdict: verdictOf(lower - (upper - lower) / 2, upper + (upper - lower) / 2) }
    }),
    row: 'verdicts/power',
  },
  'requests that it takes for units': {
    evaluate: (experiment, summary, options) => {
      const latency = { ...experiment.metrics['latency']!, source: 'outcomes' } as const
      return evaluate({ ...experiment, metrics: { ...experiment.metrics, latency } }, summary, options)
    },
    row: 'measurements/false-abort-heavy',
  },
  'units that count before their window has closed': {
    evaluate: withOpenWindows(evaluate),
    row: 'open-windows/rolling-sooner-closed',
  },
}

describe('the short table is red where evaluate has', () => {
  it.each(Object.entries(broken))('%s', async (_, { evaluate: wrong, row: name }) => {
    const row = rows.find((each) => each.name === name)!
    expect((await measure(row, { isShort: true })).isHeld).toBe(true)
    const red = await measure(row, { isShort: true, evaluate: wrong })
    expect(red.isHeld, table([red])).toBe(false)
  })
})

import type { Comparison, Experiment, TrialSummary } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import { isEstimable, welch } from '@fairtrial/statistics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ones, summaryOf, trial, trialWithGuardrail } from '../test/trial.ts'
import { anytimeEstimate } from './anytime/normal-mixture.ts'
import { explicitTuning } from './anytime/tuning.ts'
import { evaluate } from './evaluate.ts'

const experiment = trial()
const gap = (code: string) => ({ notEstimable: { code, detail: expect.any(String) } })

function comparisonOf(
  of: Experiment,
  metric: string,
  values: Parameters<typeof summaryOf>[1][string],
): Comparison {
  const evaluation = evaluate(of, summaryOf(of, { [metric]: values }))
  return evaluation.metrics[metric]!.comparisons['model']!
}

describe('an evaluation', () => {
  it('has the effect, its errors, and the interval of the confidence sequence over the units of both arms', () => {
    const control = ones(400, 1_000)
    const model = ones(480, 1_100)
    const comparison = comparisonOf(experiment, 'started', { control, model })
    const test = welch(control, model)
    if (!isEstimable(test)) throw new Error('no test')
    const { rho } = explicitTuning({ alpha: 0.04, tunedAt: 1_000 })
    const look = { estimate: test.difference, standardError: test.standardError, n: 2_100 }
    const anytime = anytimeEstimate(look, { alpha: 0.04, rho })
    if (!isEstimable(anytime)) throw new Error('no estimate')
    expect(comparison).toMatchObject({
      effect: { absolute: test.difference, relative: test.difference / 0.4 },
      standardError: test.standardError,
      interval: { level: 0.96 },
      verdict: 'unknown',
      fixed: { method: 'welch', statistic: test.t, pValue: test.pValue, interval: { level: 0.96 } },
    })
    expect(comparison.interval.absolute).toEqual([
      expect.closeTo(anytime.interval.lower, 14),
      expect.closeTo(anytime.interval.upper, 14),
    ])
    expect(comparison.anytimePValue).toBeCloseTo(anytime.pValue, 14)
    expect(comparison.fixed.twoProportions?.z).toBeCloseTo(1.687, 3)
    expect(comparison.guardrail).toBeUndefined()
  })

  it('tells each arm: closed units, and beside them all units at their values so far', () => {
    const summary = summaryOf(experiment, { watched: { control: [1, 2, 3], model: [5] } })
    const open: TrialSummary = {
      ...summary,
      units: { control: 9, model: 2 },
      metrics: {
        ...summary.metrics,
        watched: {
          ...summary.metrics['watched'],
          model: { ...summary.metrics['watched']!['model']!, current: { n: 2, mean: 4, m2: 2 }, missing: 3 },
        },
      },
    }
    const { units, metrics } = evaluate(experiment, open)
    expect(units).toEqual({ control: 9, model: 2 })
    expect(metrics['watched']!.variants).toEqual({
      control: { n: 3, mean: 2, variance: 1, current: { n: 3, mean: 2 }, missing: 0 },
      model: { n: 1, mean: 5, variance: gap('too-few-units'), current: { n: 2, mean: 4 }, missing: 3 },
    })
    expect(metrics['watched']).toMatchObject({ role: 'secondary', direction: 'increase' })
  })

  it('calls an effect better or worse by the direction of the metric, once the interval leaves zero', () => {
    const high = { control: ones(300, 1_000), model: ones(500, 1_000) }
    const low = { control: high.model, model: high.control }
    expect(comparisonOf(experiment, 'watched', high).verdict).toBe('better')
    expect(comparisonOf(experiment, 'watched', low).verdict).toBe('worse')
    const { metrics } = experiment
    const falling = trial({
      metrics: { ...metrics, watched: { ...metrics['watched']!, direction: 'decrease' } },
    })
    expect(comparisonOf(falling, 'watched', high).verdict).toBe('worse')
    expect(comparisonOf(falling, 'watched', low).verdict).toBe('better')
  })

  it('spends alpha by role: split over primaries and treatments, over guardrails, whole for the rest', () => {
    const { metrics, guardrails } = experiment
    const wide = trial({
      variants: ['control', 'a', 'b'].map((name) => ({ name, weight: 1 })),
      metrics: { ...metrics, started2: { ...metrics['started']!, event: 'x', column: 'x' } },
      guardrails: [...guardrails, { metric: 'started', margin: { relative: 0.1 }, action: 'hold' }],
      analysis: { ...experiment.analysis, alphaSplit: { started: 0.75, started2: 0.25 } },
    })
    const evaluation = evaluate(
      wide,
      summaryOf(wide, { started: { control: ones(5, 500), a: ones(5, 500) } }),
    )
    const level = (metric: string) => evaluation.metrics[metric]!.comparisons['a']!.interval.level
    expect(level('started')).toBeCloseTo(1 - (0.04 * 0.75) / 2, 14)
    expect(level('started2')).toBeCloseTo(1 - (0.04 * 0.25) / 2, 14)
    expect(level('watched')).toBeCloseTo(0.96, 14)
    expect(level('errors')).toBeCloseTo(1 - 0.1 / 4, 14)
    expect(evaluation.metrics['errors']!.comparisons['a']!.fixed.interval.level).toBe(0.96)
    // A guardrail on a primary metric keeps its own level, and its verdict beside the primary's.
    const guarded = evaluation.metrics['started']!.comparisons['a']!
    expect(guarded.guardrail?.detail).toContain("control's mean is not told apart from 0")
    expect(guarded.verdict).toBe('unknown')
  })

  it('FAULTS 50: refuses a summary of another definition', () => {
    const other = trialWithGuardrail({ margin: { absolute: 0.2 } })
    let error: unknown
    try {
      evaluate(other, summaryOf(experiment, {}))
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ExperimentError)
    expect(error).toMatchObject({ code: 'definition-changed' })
    expect((error as Error).message).toContain(experiment.fingerprint)
  })
})

describe('where a number cannot be had', () => {
  it('FAULTS 43: no units, no numbers: everything says no-data', () => {
    for (const metric of Object.keys(experiment.metrics)) {
      expect(comparisonOf(experiment, metric, {})).toMatchObject({
        effect: { absolute: gap('no-data'), relative: gap('no-data') },
        standardError: gap('no-data'),
        interval: { absolute: gap('no-data'), relative: gap('no-data') },
        anytimePValue: gap('no-data'),
        fixed: { statistic: gap('no-data'), pValue: gap('no-data'), interval: { absolute: gap('no-data') } },
        verdict: 'unknown',
      })
    }
    const empty = evaluate(experiment, summaryOf(experiment, {})).metrics['started']!
    expect(empty.variants['model']).toMatchObject({ n: 0, mean: gap('no-data'), variance: gap('no-data') })
  })

  it.each([
    ['one unit in an arm', { control: [1, 2, 3], model: [5] }, 'too-few-units', 3],
    ['all units equal', { control: [2, 2, 2], model: [3, 3] }, 'zero-variance', 1],
    ['a metric that is all zeros', { control: [0, 0, 0], model: [0, 0] }, 'zero-variance', 0],
    ['squares beyond the doubles', { control: [1e200, -1e200], model: [1, 2] }, 'non-finite', 1.5],
  ])('FAULTS 44: %s gives an effect, but no error, interval or verdict', (_, values, code, effect) => {
    const comparison = comparisonOf(experiment, 'watched', values)
    expect(comparison).toMatchObject({
      effect: { absolute: effect },
      standardError: gap(code),
      interval: { absolute: gap(code), relative: gap(code) },
      anytimePValue: gap(code),
      fixed: { pValue: gap(code) },
      verdict: 'unknown',
    })
  })

  it('FAULTS 44: a control mean of 0, or one not told apart from 0, has no relative interval', () => {
    const zero = comparisonOf(experiment, 'watched', { control: [-1, 1], model: [3, 4, 5] })
    expect(zero.effect).toEqual({ absolute: 4, relative: gap('zero-control-mean') })
    expect(zero.interval.relative).toEqual(gap('zero-control-mean'))
    const near = comparisonOf(experiment, 'watched', { control: [-1, 2], model: [3, 4, 5] })
    expect(near.effect.relative).toBe(7)
    expect(near.interval.relative).toEqual(gap('unbounded'))
    expect(near.interval.absolute).toEqual([expect.any(Number), expect.any(Number)])
  })

  it('lends an arm without a single event the spread of both: none of 200 is not a rate of 0', () => {
    // At a rate of 1 % in both arms, one trial in seven has this.
    const rare = { control: ones(10, 1_000), model: ones(0, 200) }
    const { verdict, interval, standardError } = comparisonOf(experiment, 'watched', rare)
    expect(verdict).toBe('unknown')
    expect(interval.absolute).toMatchObject([expect.any(Number), expect.any(Number)])
    expect(standardError).toBeCloseTo(Math.sqrt(0.0099 / 999), 9)
  })

  it('never writes a number that JSON cannot carry, nor a p-value of 0', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(0, 1, 1e308, -1e308, 5e-324, Number.NaN))
    const values = fc.array(value, { maxLength: 6 })
    const walk = (node: unknown, path: string): void => {
      if (typeof node === 'number') {
        expect(Number.isFinite(node), path).toBe(true)
        if (/pValue/i.test(path)) expect(node > 0 && node <= 1, path).toBe(true)
      } else if (typeof node === 'object' && node !== null) {
        for (const [name, child] of Object.entries(node)) walk(child, `${path}.${name}`)
      }
    }
    fc.assert(
      fc.property(values, values, (control, model) => {
        const metrics = {
          started: { control, model },
          watched: { control, model },
          errors: { control, model },
        }
        walk(evaluate(experiment, summaryOf(experiment, metrics)), '')
      }),
    )
    const certain = comparisonOf(experiment, 'watched', {
      control: { n: 1e6, mean: 1, m2: 1e6 },
      model: { n: 1e6, mean: 9, m2: 1e6 },
    })
    expect(certain.anytimePValue).toBe(Number.MIN_VALUE)
    expect(certain.fixed.pValue).toBeGreaterThan(0)
  })
})

describe('for any two arms', () => {
  const arm = fc.record({
    n: fc.integer({ min: 2, max: 1e6 }),
    mean: fc.double({ min: -100, max: 100, noNaN: true }),
    m2: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  })

  it('the relative interval leaves zero when the absolute one does, and holds the relative effect', () => {
    fc.assert(
      fc.property(arm, arm, (control, model) => {
        const { interval, effect } = comparisonOf(experiment, 'watched', { control, model })
        const { absolute, relative } = interval
        if ('notEstimable' in absolute || 'notEstimable' in relative) return
        fc.pre(absolute.every((end) => Math.abs(end) > 1e-9))
        expect(relative.map(Math.sign)).toEqual(absolute.map(Math.sign))
        expect(relative[0]).toBeLessThanOrEqual(effect.relative as number)
        expect(relative[1]).toBeGreaterThanOrEqual(effect.relative as number)
      }),
    )
  })

  it('the p-value is at most alpha exactly when zero lies outside', () => {
    fc.assert(
      fc.property(arm, arm, (control, model) => {
        const { interval, anytimePValue } = comparisonOf(experiment, 'watched', { control, model })
        const { absolute } = interval
        if ('notEstimable' in absolute || typeof anytimePValue !== 'number') return
        fc.pre(Math.abs(anytimePValue - 0.04) > 1e-9)
        expect(anytimePValue < 0.04).toBe(absolute[0] > 0 || absolute[1] < 0)
      }),
    )
  })
})

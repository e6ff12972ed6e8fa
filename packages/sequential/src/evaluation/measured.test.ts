import {
  Evaluation,
  type Guardrail,
  type MeasuredCluster,
  type MetricEvaluation,
  type MetricSummary,
} from '@fairtrial/protocol'
import { jackknife, momentsOf, sampleQuantile, sketchOf } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { summaryOf, trial } from '../../test/trial.ts'
import { evaluate } from '../evaluate.ts'
import { createRandom } from '../simulation/random.ts'

const ACCURACY = 0.01

/** Requests by unit, and the cluster of each unit. */
type Requests = ReadonlyMap<number, readonly number[]>

/** Units whose requests are the more alike the larger their share of the variance; lognormal, 1 in the median. */
function requestsOf(seed: number, { units = 400, requests = 12, alike = 0.4, shift = 0 }): Requests {
  const { normal, uniform } = createRandom(seed)
  const clusters = new Map<number, number[]>()
  for (let unit = 0; unit < units; unit++) {
    const level = Math.sqrt(alike) * normal()
    const cluster = Math.floor(256 * uniform())
    const made = clusters.get(cluster) ?? []
    for (let i = Math.round(requests * 2 * uniform()); i >= 0; i--) {
      made.push(shift + Math.exp(0.4 * (level + Math.sqrt(1 - alike) * normal())))
    }
    clusters.set(cluster, made)
  }
  return clusters
}

function measuredSummary(requests: Requests): MetricSummary {
  const clusters = [...requests].map(([cluster, values]): MeasuredCluster => {
    const { zeros, positive } = sketchOf(values, { accuracy: ACCURACY })
    return { cluster, ...momentsOf(values), zeros, bins: positive }
  })
  const all = momentsOf([...requests.values()].flat())
  return {
    closed: all,
    current: all,
    missing: 0,
    measured: { accuracy: ACCURACY, clusters: clusters.toSorted((a, b) => a.cluster - b.cluster) },
  }
}

interface Told {
  readonly guardrail?: Partial<Guardrail>
  readonly quantile?: number
  readonly units?: number
}

/** What is known of two arms' latency. */
function told(
  control: Requests,
  model: Requests,
  { guardrail, quantile, units = 400 }: Told = {},
): MetricEvaluation {
  const { metrics } = trial()
  const experiment = trial({
    metrics: {
      ...metrics,
      errors: {
        type: quantile === undefined ? 'mean' : 'quantile',
        ...(quantile !== undefined && { quantile }),
        source: 'measurements',
        role: 'guardrail',
        direction: 'decrease',
      },
    },
    guardrails: [{ metric: 'errors', margin: { absolute: 0.2 }, action: 'abort', ...guardrail }],
  })
  const summary = summaryOf(experiment, {})
  const evaluation = evaluate(experiment, {
    ...summary,
    units: { control: units, model: units },
    metrics: {
      ...summary.metrics,
      errors: { control: measuredSummary(control), model: measuredSummary(model) },
    },
  })
  expect(Evaluation.parse(JSON.parse(JSON.stringify(evaluation)))).toEqual(evaluation)
  return evaluation.metrics['errors']!
}

const modelOf = (metric: MetricEvaluation) => metric.comparisons['model']!
const mean = (requests: Requests) => momentsOf([...requests.values()].flat()).mean
const without = (requests: Requests, cluster: number): Requests =>
  new Map([...requests].filter(([each]) => each !== cluster))

describe('means of measurements', () => {
  const [control, model] = [requestsOf(1, {}), requestsOf(2, { shift: 0.05 })]
  const clusters = [...new Set([...control.keys(), ...model.keys()])]

  it('differ by as much as all requests do, with the error that leaving out each cluster tells', () => {
    const { effect, standardError, fixed } = modelOf(told(control, model))
    const difference = mean(model) - mean(control)
    const leftOut = clusters.map((each) => mean(without(model, each)) - mean(without(control, each)))
    const { variance } = jackknife(difference, leftOut) as { variance: number }
    expect(effect.absolute).toBeCloseTo(difference, 10)
    expect(standardError as number).toBeCloseTo(Math.sqrt(variance), 10)
    const { designEffect, method } = fixed
    expect(method).toBe('clustered')
    const requestVariance = [control, model]
      .map((arm) => momentsOf([...arm.values()].flat()))
      .reduce((sum, { n, m2 }) => sum + m2 / n / n, 0)
    expect(designEffect).toBeCloseTo(variance / requestVariance, 8)
    // Some thirteen requests a unit, unevenly, two fifths of their variance in common.
    expect(designEffect as number).toBeGreaterThan(4)
  })

  it('have a relative interval of the same: what moves in both arms is told once', () => {
    const { interval, relativeStandardError } = modelOf(told(control, model))
    const ratio = mean(model) / mean(control) - 1
    const leftOut = clusters.map((each) => mean(without(model, each)) / mean(without(control, each)) - 1)
    const { variance } = jackknife(ratio, leftOut) as { variance: number }
    expect(relativeStandardError as number).toBeCloseTo(Math.sqrt(variance), 3)
    const [lower, upper] = interval.relative as [number, number]
    expect((lower + upper) / 2).toBeCloseTo(ratio, 2)
    const [least, most] = interval.absolute as [number, number]
    expect(upper - lower).toBeCloseTo((most - least) / mean(control), 1)
  })

  it('have an interval that is the dual of the p-value, and wider than that of one look', () => {
    const { interval, anytimePValue, fixed } = modelOf(told(control, requestsOf(3, { shift: 0.3 })))
    expect((interval.absolute as [number, number])[0] > 0).toBe(
      (anytimePValue as number) < 1 - interval.level,
    )
    const width = ([low, high]: readonly [number, number]) => high - low
    expect(width(interval.absolute as [number, number])).toBeGreaterThan(
      width(fixed.interval.absolute as [number, number]),
    )
  })

  it('breach and keep a margin, absolute and relative', () => {
    const verdict = (shift: number, guardrail: Partial<Guardrail> = {}) =>
      modelOf(told(control, requestsOf(4, { shift }), { guardrail })).verdict
    expect(verdict(0.8)).toBe('breach')
    expect(verdict(0.8, { margin: { relative: 0.2 } })).toBe('breach')
    expect(verdict(0.2)).toBe('unknown')
    expect(verdict(0, { margin: { absolute: 0.5 } })).toBe('ok')
    expect(verdict(-0.9)).toBe('ok')
  })

  it('breach a margin while control has not had a single error yet, absolute and relative', () => {
    const ones = (requests: Requests, every: number): Requests =>
      new Map(
        [...requests].map(([cluster, values], g) => [cluster, values.map(() => (g % every === 1 ? 1 : 0))]),
      )
    for (const margin of [{ absolute: 0.02 }, { relative: 1 }]) {
      const verdict = (every: number) =>
        modelOf(told(ones(control, Infinity), ones(model, every), { guardrail: { margin } })).verdict
      expect(verdict(4)).toBe('breach')
      expect(verdict(100)).toBe('unknown')
      expect(verdict(Infinity)).toBe('unknown')
    }
  })

  it('wait for the exposed units that their evidence needs', () => {
    const { verdict, guardrail } = modelOf(told(control, requestsOf(4, { shift: 0.8 }), { units: 99 }))
    expect(verdict).toBe('unknown')
    expect(guardrail!.detail).toBe('the smaller arm has 99 of the 100 exposed units that its evidence needs.')
  })

  it('have no interval of few clusters, nor where one unit makes most requests', () => {
    const few = new Map([...model].slice(0, 10))
    expect(modelOf(told(new Map([...control].slice(0, 10)), few)).interval.absolute).toMatchObject({
      notEstimable: {
        code: 'too-few-units',
        detail: expect.stringMatching(/come from 1?\d\.?\d* clusters of units/),
      },
    })
    const bot: [number, readonly number[]] = [300, Array.from({ length: 50_000 }, (_, i) => 1 + (i % 7))]
    const { verdict, guardrail, effect } = modelOf(told(control, new Map([...model, bot])))
    expect(effect.absolute).toBeGreaterThan(2)
    expect(verdict).toBe('unknown')
    expect(guardrail!.detail).toContain('counted by the weight they have')
  })

  it('of one cluster, as histograms are, are told and not judged; a hard limit acts on them', () => {
    const whole = (requests: Requests): Requests => new Map([[0, [...requests.values()].flat()]])
    const slow = whole(requestsOf(4, { shift: 5 }))
    const { effect, interval, guardrail } = modelOf(
      told(whole(control), slow, { guardrail: { hardLimit: { worst: 3 } }, units: 10 }),
    )
    expect(effect.absolute).toBeCloseTo(mean(slow) - mean(control), 10)
    expect(interval.absolute).toHaveProperty('notEstimable')
    expect(guardrail).toMatchObject({ verdict: 'unknown', hardLimit: { breached: true, units: 10 } })
    const early = modelOf(told(whole(control), slow, { guardrail: { hardLimit: { worst: 3 } }, units: 9 }))
    expect(early.guardrail).not.toHaveProperty('hardLimit')
  })

  it('say what they take for granted, and nothing of windows', () => {
    const { assumptions, impactPerDay } = modelOf(told(control, model))
    expect(assumptions.join(' ')).toContain('requests of one unit may resemble each other')
    expect(assumptions.join(' ')).not.toContain('window')
    expect(impactPerDay).toBeUndefined()
  })

  it('are unknown while nothing has been measured, in either arm', () => {
    const { comparisons, variants } = told(control, new Map())
    expect(variants['model']!.mean).toMatchObject({ notEstimable: { code: 'no-data' } })
    expect(comparisons['model']!.guardrail).toMatchObject({ verdict: 'unknown' })
    expect(comparisons['model']!.interval.absolute).toMatchObject({
      notEstimable: { detail: 'nothing has been measured in treatment' },
    })
  })
})

describe('quantiles of measurements', () => {
  const [control, model] = [requestsOf(11, {}), requestsOf(12, { shift: 0.1 })]
  const quantileOf = (requests: Requests, p: number) => {
    const sorted = [...requests.values()].flat().toSorted((a, b) => a - b)
    return (sampleQuantile(sorted, p, 1) as { quantile: number }).quantile
  }

  it.each([0.5, 0.95])('are those of all requests, to the accuracy of the bins: %d', (quantile) => {
    const { variants, comparisons } = told(control, model, { quantile })
    const [c, m] = [quantileOf(control, quantile), quantileOf(model, quantile)]
    expect(Math.abs((variants['control']!.mean as number) - c)).toBeLessThanOrEqual(ACCURACY * c)
    expect(Math.abs((variants['model']!.mean as number) - m)).toBeLessThanOrEqual(ACCURACY * m)
    const [lower, upper] = comparisons['model']!.interval.absolute as [number, number]
    expect(lower).toBeLessThan(m - c)
    expect(upper).toBeGreaterThan(m - c)
    const [least, most] = comparisons['model']!.interval.relative as [number, number]
    expect(least).toBeLessThan(m / c - 1)
    expect(most).toBeGreaterThan(m / c - 1)
  })

  it('have an interval that knows that requests of one unit are alike', () => {
    const alone = (seed: number) => requestsOf(seed, { units: 4_800, requests: 0.5, alike: 0 })
    const width = (a: Requests, b: Requests) => {
      const [lower, upper] = modelOf(told(a, b, { quantile: 0.5 })).interval.absolute as [number, number]
      return upper - lower
    }
    expect(width(control, model)).toBeGreaterThan(1.5 * width(alone(13), alone(14)))
  })

  it('breach and keep a margin', () => {
    const verdict = (shift: number, margin: Guardrail['margin']) =>
      modelOf(told(control, requestsOf(15, { shift }), { quantile: 0.95, guardrail: { margin } })).verdict
    expect(verdict(2, { absolute: 0.5 })).toBe('breach')
    expect(verdict(2, { relative: 0.25 })).toBe('breach')
    expect(verdict(0.5, { absolute: 0.5 })).toBe('unknown')
    expect(verdict(0, { absolute: 1 })).toBe('ok')
    expect(verdict(0, { relative: 0.5 })).toBe('ok')
  })

  it('have no interval while their tail is not bounded, nor a relative one of a quantile at 0', () => {
    const { interval } = modelOf(told(control, model, { quantile: 0.9999 }))
    expect(interval.absolute).toMatchObject({ notEstimable: { code: 'unbounded' } })
    const zeros = (requests: Requests): Requests =>
      new Map(
        [...requests].map(([cluster, values]) => [cluster, values.map((value, i) => (i % 2 ? 0 : value))]),
      )
    expect(modelOf(told(zeros(control), model, { quantile: 0.1 })).interval.relative).toMatchObject({
      notEstimable: { code: 'unbounded' },
    })
  })
})

import type { Bounds, Comparison, Evaluation, Experiment, LookLedger, Moments } from '@fairtrial/protocol'
import { isEstimable, normalQuantile, welch } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { summaryOf, trial } from '../../../test/trial.ts'
import { explicitTuning } from '../../anytime/tuning.ts'
import { normalMixtureMultiplier } from '../../anytime/normal-mixture.ts'
import { evaluate, type EvaluateOptions } from '../../evaluate.ts'
import { groupSequentialBoundaries } from '../../group-sequential/boundaries.ts'
import { conditionalPower, predictivePower } from '../../group-sequential/conditional-power.ts'
import { stagewiseInference } from '../../group-sequential/stagewise.ts'

const MAXIMUM = 10_000
const HSD = { type: 'hwang-shih-decani', gamma: -4 } as const

/** A trial that is decided on the mean `watched`, in five looks. */
function plan(analysis: object = {}, direction: 'increase' | 'decrease' = 'increase'): Experiment {
  return trial({
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
    analysis: { method: 'group-sequential', maximumUnits: MAXIMUM, ...analysis } as never,
  })
}

/** An arm's moments: half of the units at this information fraction, with a standard deviation of 1. */
function arm(fraction: number, mean: number): Moments {
  const n = Math.round((fraction * MAXIMUM) / 2)
  return { n, mean, m2: n - 1 }
}

/** The effect that stands z standard errors from 0. */
function effectAt(fraction: number, z: number): number {
  return z * Math.sqrt(2 / Math.round((fraction * MAXIMUM) / 2))
}

interface Seen {
  readonly evaluation: Evaluation
  readonly comparison: Comparison
  readonly ledger: LookLedger
}

/** Looks again and again, each time at a fraction and a t, with the ledger of the look before. */
function looks(
  experiment: Experiment,
  path: readonly (readonly [fraction: number, t: number, look?: EvaluateOptions['look']])[],
): Seen[] {
  const seen: Seen[] = []
  let ledger: LookLedger | undefined
  for (const [fraction, t, look] of path) {
    const values = { control: arm(fraction, 5), model: arm(fraction, 5 + effectAt(fraction, t)) }
    const options = { ...(ledger && { ledger }), ...(look && { look }) }
    const evaluation = evaluate(experiment, summaryOf(experiment, { watched: values }), options)
    ledger = evaluation.looks
    seen.push({ evaluation, comparison: evaluation.metrics['watched']!.comparisons['model']!, ledger })
  }
  return seen
}

function endsOf({ interval }: Comparison): Bounds {
  return interval.absolute as Bounds
}

function last(experiment: Experiment, path: Parameters<typeof looks>[1]): Seen {
  return looks(experiment, path).at(-1)!
}

const boundsOf = (informationFractions: readonly number[], alpha = 0.05, sides: 1 | 2 = 2) =>
  groupSequentialBoundaries({ informationFractions, rule: HSD, sides, alpha })

describe('a group-sequential plan', () => {
  it('describes between looks, however large the effect, and counts a glance', () => {
    const { comparison, ledger } = last(plan(), [[0.1, 12]])
    expect(comparison).toMatchObject({ verdict: 'unknown', method: 'confidence-sequence' })
    expect(comparison.look).toEqual({
      kind: 'glance',
      taken: 0,
      informationFraction: 0.1,
      nextAt: 0.2,
      boundary: null,
      alphaSpent: 0,
      alpha: 0.05,
    })
    // The interval shown holds at any time by itself.
    expect(endsOf(comparison)[0]).toBeGreaterThan(0)
    expect(ledger).toMatchObject({ looks: [], glances: 1 })
  })

  it('takes a look when the information has reached it, at the bound of the spending function', () => {
    const bounds = boundsOf([0.2, 0.4])
    const [first, second] = looks(plan(), [
      [0.2, 2],
      [0.4, 2.5],
    ])
    expect(first!.comparison.look).toMatchObject({ kind: 'scheduled', taken: 1, nextAt: 0.4 })
    expect(first!.comparison.look!.boundary).toBeCloseTo(bounds.upper[0]!, 9)
    expect(second!.comparison.look!.boundary).toBeCloseTo(bounds.upper[1]!, 9)
    expect(second!.comparison.look!.alphaSpent).toBeCloseTo(bounds.cumulativeAlpha[1]!, 12)
    expect(second!.ledger).toMatchObject({ glances: 0, attempt: { share: 1, total: 1 } })
    expect(second!.ledger.looks.map(({ look, units, decided }) => [look, units, decided])).toEqual([
      [1, 2_000, null],
      [2, 4_000, null],
    ])
    // The repeated interval is the bound's reach around the estimate.
    const { standardError, effect, method } = second!.comparison
    const reach = bounds.upper[1]! * (standardError as number)
    expect(method).toBe('repeated')
    expect(endsOf(second!.comparison)[1] - (effect.absolute as number)).toBeCloseTo(reach, 3)
  })

  it('takes looks that were passed over as one, and follows the schedule from there', () => {
    const { comparison } = last(plan(), [[0.47, 1]])
    expect(comparison.look).toMatchObject({ taken: 1, informationFraction: 0.47, nextAt: 0.6 })
    expect(comparison.look!.boundary).toBeCloseTo(boundsOf([0.47]).upper[0]!, 9)
  })

  it.each([
    ['increase', 1],
    ['decrease', -1],
  ] as const)('decides by the direction of a metric that should %s, and stays decided', (direction, sign) => {
    const [, stop, after] = looks(plan({}, direction), [
      [0.2, 1 * sign],
      [0.4, 3.5 * sign],
      [0.6, -4 * sign],
    ])
    expect(stop!.comparison.verdict).toBe('better')
    expect(stop!.ledger.looks.at(-1)).toMatchObject({ decided: 'better', look: 2 })
    expect(after!.comparison).toMatchObject({
      verdict: 'better',
      method: 'confidence-sequence',
      look: { kind: 'done', taken: 2, nextAt: null, boundary: null },
      afterStop: stop!.comparison.afterStop!,
    })
    expect(after!.ledger).toMatchObject({ glances: 1 })
    expect(after!.ledger.looks).toHaveLength(2)
    const worse = last(plan({}, direction), [[0.4, -3.5 * sign]])
    expect(worse.comparison.verdict).toBe('worse')
  })

  it('tells after a stop what makes up for having stopped at an extreme', () => {
    const { comparison, ledger } = last(plan(), [
      [0.2, 1],
      [0.4, 3.5],
    ])
    const { effect, z } = ledger.looks[1]!
    const inference = stagewiseInference(
      boundsOf([0.2, 0.4]),
      { look: 2, estimate: effect, standardError: effect / z },
      { level: 0.95 },
    )
    const stopped = comparison.afterStop!
    expect(stopped).toMatchObject({ level: 0.95 })
    expect(stopped.pValue).toBeCloseTo(inference.twoSidedPValue, 12)
    expect(stopped.medianUnbiased).toBeCloseTo(inference.medianUnbiased, 9)
    expect((stopped.interval as Bounds)[0]).toBeCloseTo(inference.interval.lower, 9)
    expect((stopped.interval as Bounds)[1]).toBeCloseTo(inference.interval.upper, 9)
    expect(stopped.medianUnbiased).toBeLessThan(comparison.effect.absolute as number)
  })

  it('spends all that is left when the plan is overrun, and has nothing to spend after', () => {
    const [, end, after] = looks(plan(), [
      [0.6, 1],
      [1.3, 1.9],
      [1.5, 9],
    ])
    expect(end!.comparison.look).toMatchObject({ informationFraction: 1.3, nextAt: null })
    expect(end!.comparison.look!.alphaSpent).toBeCloseTo(0.05, 9)
    expect(end!.comparison.verdict).toBe('unknown')
    expect(after!.comparison).toMatchObject({ verdict: 'unknown', look: { kind: 'glance', taken: 2 } })
  })

  it('is not brought to a look by a glance, nor to a second one by the same data', () => {
    const [due, taken, again] = looks(plan(), [
      [0.4, 9, 'glance'],
      [0.4, 1],
      [0.4, 1, 'independent'],
    ])
    expect(due!.comparison).toMatchObject({ verdict: 'unknown', look: { kind: 'glance', taken: 0 } })
    expect(taken!.ledger.looks).toHaveLength(1)
    expect(again!.ledger.looks).toHaveLength(1)
    expect(again!.ledger.glances).toBe(2)
  })

  it('knows at a look how it may end: at the smallest lift worth having, and over what the data say', () => {
    const { comparison, ledger } = last(plan({ futility: {} }), [[0.4, 2.6]])
    const bounds = boundsOf([0.4, 0.6, 0.8, 1])
    const { z, effect } = ledger.looks[0]!
    const standing = { look: 1, z }
    // 2 % of a control mean of 5, over the standard error at full information.
    const drift = 0.1 / ((effect / z) * Math.sqrt(0.4))
    expect(comparison.look!.conditionalPower).toBeCloseTo(conditionalPower(bounds, standing, drift), 3)
    expect(comparison.look!.predictivePower).toBeCloseTo(predictivePower(bounds, standing), 9)
    expect(comparison.look!.isFutile).toBe(false)
    const hopeless = last(plan({ futility: {} }, 'decrease'), [[0.4, 1.2]])
    expect(hopeless.comparison).toMatchObject({ verdict: 'unknown', look: { isFutile: true } })
    expect(hopeless.comparison.look!.conditionalPower).toBeLessThan(comparison.look!.conditionalPower!)
    // A futility bound is advice: it is crossed, and the plan goes on.
    expect(hopeless.comparison.look!.nextAt).toBe(0.6)
  })
})

describe('a look out of schedule', () => {
  it.each(['group-sequential', 'hybrid'] as const)(
    'stays decided where it was chosen before any other (%s), and is no stop at an extreme of a schedule',
    (method) => {
      const [chosen, after] = looks(plan({ method }), [
        [0.15, 9, 'chosen'],
        [0.3, 0],
      ])
      expect(chosen!.comparison.verdict).toBe('better')
      expect(after!.comparison).toMatchObject({ verdict: 'better', look: { kind: 'done', taken: 1 } })
      expect(after!.comparison).not.toHaveProperty('afterStop')
    },
  )

  it('spends what its information allows when its time was independent of the effect', () => {
    const bounds = boundsOf([0.2, 0.3, 0.4])
    const [, between, next] = looks(plan(), [
      [0.2, 1],
      [0.3, 2, 'independent'],
      [0.4, 2],
    ])
    expect(between!.comparison.look).toMatchObject({ kind: 'independent', taken: 2, nextAt: 0.4 })
    expect(between!.comparison.look!.boundary).toBeCloseTo(bounds.upper[1]!, 9)
    expect(next!.comparison.look!.boundary).toBeCloseTo(bounds.upper[2]!, 9)
    expect(last(plan(), [[0.3, 6, 'independent']]).comparison.verdict).toBe('better')
  })

  it('is a scheduled one where it was due anyway', () => {
    for (const kind of ['independent', 'chosen'] as const) {
      expect(last(plan(), [[0.4, 1, kind]]).comparison.look!.kind).toBe('scheduled')
    }
  })

  it('hands what is left of alpha to the confidence sequence when it was chosen', () => {
    const spent = boundsOf([0.4]).cumulativeAlpha[0]!
    const { rho } = explicitTuning({ alpha: 0.05, tunedAt: MAXIMUM })
    const edge = normalMixtureMultiplier(6_000, { rho, alpha: 0.05 - spent })
    const path = (t: number) =>
      looks(plan(), [
        [0.4, 1],
        [0.5, 2.5, 'chosen'],
        [0.6, t],
        [0.9, 0],
      ])
    const [, chosen, open, later] = path(edge - 0.01)
    expect(chosen!.comparison.look).toMatchObject({ kind: 'chosen', taken: 2, nextAt: null, boundary: null })
    expect(chosen!.ledger.looks[1]).toMatchObject({ kind: 'chosen', boundary: null, alphaSpent: 0.05 })
    // A z of nearly 3 would have been enough for the look that was planned here.
    expect(open!.comparison).toMatchObject({ verdict: 'unknown', look: { kind: 'chosen', taken: 2 } })
    expect(boundsOf([0.4, 0.6]).upper[1]).toBeLessThan(edge - 0.01)
    expect(later!.comparison.verdict).toBe('unknown')
    const [, , decided, latched] = path(edge + 0.01)
    expect(decided!.comparison.verdict).toBe('better')
    expect(decided!.ledger.looks[2]).toMatchObject({ look: 3, kind: 'chosen', decided: 'better' })
    expect(latched!.comparison).toMatchObject({ verdict: 'better', look: { kind: 'done' } })
    expect(latched!.comparison.afterStop).toBeUndefined()
  })
})

describe('a fixed horizon', () => {
  const fixed = plan({ method: 'fixed-horizon' })

  it('decides once, at its end, as the fixed test does; before and after it describes', () => {
    const critical = -normalQuantile(0.025)
    const [early, asked, end, after] = looks(fixed, [
      [0.9, 9],
      [0.95, 9, 'independent'],
      [1, critical + 0.01],
      [1.2, 0],
    ])
    for (const glance of [early!, asked!]) {
      expect(glance.comparison).toMatchObject({
        verdict: 'unknown',
        method: 'confidence-sequence',
        look: { kind: 'glance', nextAt: 1 },
      })
    }
    expect(end!.comparison).toMatchObject({ verdict: 'better', method: 'fixed', look: { kind: 'scheduled' } })
    const test = welch(arm(1, 5), arm(1, 5 + effectAt(1, critical + 0.01)))
    if (!isEstimable(test)) throw new Error('no test')
    const [lower, upper] = endsOf(end!.comparison)
    expect(lower).toBeCloseTo(test.interval.lower, 12)
    expect(upper).toBeCloseTo(test.interval.upper, 12)
    expect(end!.comparison.afterStop!.pValue).toBeCloseTo(test.pValue, 12)
    expect(after!.comparison).toMatchObject({ verdict: 'better', look: { kind: 'done', taken: 1 } })
    const [missed, later] = looks(fixed, [
      [1, critical - 0.01],
      [1.1, 9],
    ])
    expect(missed!.comparison.verdict).toBe('unknown')
    expect(later!.comparison).toMatchObject({ verdict: 'unknown', look: { kind: 'glance', nextAt: null } })
  })
})

describe('a hybrid plan', () => {
  const hybrid = plan({ method: 'hybrid' })
  const { rho } = explicitTuning({ alpha: 0.05, tunedAt: MAXIMUM })

  it('stops for harm at any evaluation, by the confidence sequence with half of alpha', () => {
    const edge = normalMixtureMultiplier(3_000, { rho, alpha: 0.025, side: 'upper' })
    const [, nearly, harmed, after] = looks(hybrid, [
      [0.2, 0],
      [0.29, -edge + 0.05],
      [0.3, -edge - 0.01],
      [0.4, 3],
    ])
    expect(nearly!.comparison).toMatchObject({ verdict: 'unknown', look: { kind: 'glance' } })
    expect(harmed!.comparison).toMatchObject({ verdict: 'worse', look: { nextAt: null } })
    expect(harmed!.ledger.looks.at(-1)).toMatchObject({ boundary: null, decided: 'worse', units: 3_000 })
    expect(after!.comparison).toMatchObject({ verdict: 'worse', look: { kind: 'done' } })
    expect(after!.comparison.afterStop).toBeUndefined()
  })

  it('finds harm also where no look can be recorded', () => {
    const { comparison, ledger } = last(hybrid, [[0.3, -9, 'glance']])
    expect(comparison.verdict).toBe('worse')
    expect(ledger).toMatchObject({ looks: [], glances: 1 })
  })

  it('finds benefit at looks only, one-sided with the other half', () => {
    const bounds = boundsOf([0.2, 0.4], 0.025, 1)
    const [between, first, second] = looks(hybrid, [
      [0.15, 9],
      [0.2, 2],
      [0.4, bounds.upper[1]! + 0.01],
    ])
    expect(between!.comparison.verdict).toBe('unknown')
    expect(first!.comparison.look!.boundary).toBeCloseTo(bounds.upper[0]!, 9)
    expect(first!.comparison.look!.alphaSpent).toBeCloseTo(0.025 + bounds.cumulativeAlpha[0]!, 12)
    expect(second!.comparison).toMatchObject({ verdict: 'better', method: 'repeated' })
    const [lower, upper] = endsOf(second!.comparison)
    const [effect, error] = [second!.comparison.effect.absolute, second!.comparison.standardError] as number[]
    expect(lower).toBeGreaterThan(0)
    const harm = normalMixtureMultiplier(4_000, { rho, alpha: 0.025, side: 'upper' })
    expect((upper - effect!) / error!).toBeCloseTo(harm, 9)
    expect(second!.comparison.afterStop!.medianUnbiased).toBeLessThan(effect!)
  })

  it('mirrors all of it where less is better', () => {
    const falling = plan({ method: 'hybrid' }, 'decrease')
    const up = last(hybrid, [[0.4, 3.5]]).comparison
    const down = last(falling, [[0.4, -3.5]]).comparison
    expect(down.verdict).toBe('better')
    expect(down.afterStop!.pValue).toBeCloseTo(up.afterStop!.pValue, 12)
    expect(down.afterStop!.medianUnbiased).toBeCloseTo(-(up.afterStop!.medianUnbiased as number), 12)
    const [lower, upper] = endsOf(up)
    expect(down.interval.absolute).toEqual([expect.closeTo(-upper, 12), expect.closeTo(-lower, 12)])
    expect(last(falling, [[0.3, 9]]).comparison.verdict).toBe('worse')
  })

  it('leaves benefit to the confidence sequence after a chosen look', () => {
    const [, chosen, decided] = looks(hybrid, [
      [0.2, 0],
      [0.3, 2, 'chosen'],
      [0.5, 6],
    ])
    expect(chosen!.comparison).toMatchObject({ verdict: 'unknown', look: { kind: 'chosen' } })
    expect(decided!.comparison.verdict).toBe('better')
    expect(decided!.ledger.looks.map(({ kind }) => kind)).toEqual(['scheduled', 'chosen', 'chosen'])
  })
})

describe('where a number cannot be had', () => {
  const bad: readonly (readonly [string, readonly number[] | Moments, readonly number[] | Moments])[] = [
    ['no data', [], []],
    ['one unit', [1, 2, 3], [5]],
    ['no spread', [2, 2, 2], [3, 3]],
    ['1e308', [1e308, -1e308, 3], [1e308, 1e308, 2]],
  ]
  const methods = [
    plan({ maximumUnits: 4, looks: 1 }),
    plan({ method: 'hybrid', maximumUnits: 4, looks: 1 }),
    plan({ method: 'fixed-horizon', maximumUnits: 4 }),
    plan({
      method: 'bayesian',
      bayesian: {
        prior: { scale: 'absolute', mean: 0, standardDeviation: 1 },
        stopWhen: { chanceToBeat: 0.95 },
      },
    }),
  ]

  it.each(bad)(
    'FAULTS 43, 44: %s decides nothing and takes no look, whatever the method',
    (_, control, model) => {
      for (const experiment of methods) {
        for (const look of ['scheduled', 'independent', 'chosen', 'glance'] as const) {
          const summary = summaryOf(experiment, { watched: { control, model } })
          const { metrics, looks: ledger } = evaluate(experiment, summary, { look })
          const comparison = metrics['watched']!.comparisons['model']!
          expect(comparison.verdict).toBe('unknown')
          expect(comparison.interval.absolute).toHaveProperty('notEstimable')
          expect(ledger).toMatchObject({ looks: [], glances: 1 })
          expect(JSON.stringify(comparison)).not.toContain('null,null')
        }
      }
    },
  )
})

describe('the ledger', () => {
  it('belongs to one phase of one definition', () => {
    const { ledger } = last(plan(), [[0.2, 1]])
    const values = { watched: { control: arm(0.4, 5), model: arm(0.4, 5) } }
    const summary = summaryOf(plan(), values)
    expect(() => evaluate(plan(), { ...summary, phase: 2 }, { ledger })).toThrow(/phase 1/)
    const other = { ...ledger, fingerprint: 'f'.repeat(64) }
    expect(() => evaluate(plan(), summary, { ledger: other })).toThrow(/look ledger/)
    const generous = { ...ledger, attempt: { share: 20, total: 20 } }
    expect(() => evaluate(plan(), summary, { ledger: generous })).toThrow(/share 20 of alpha, the plan 1/)
    for (const informationFraction of [Number.NaN, -3, 0, 0.2]) {
      const looks = [...ledger.looks, { ...ledger.looks[0]!, informationFraction }]
      expect(() => evaluate(plan(), summary, { ledger: { ...ledger, looks } })).toThrow(/after one at 0.2/)
    }
    expect(evaluate(plan(), summary, { ledger }).looks.looks).toHaveLength(2)
  })

  it('gives a second attempt half of the alpha, a third a quarter, and shows the total', () => {
    const values = { watched: { control: arm(0.4, 5), model: arm(0.4, 5.01) } }
    const attempt = (experiment: Experiment, phase: number) => {
      const summary = { ...summaryOf(experiment, values), phase }
      const { looks: ledger, metrics } = evaluate(experiment, summary)
      return { ledger, comparison: metrics['watched']!.comparisons['model']! }
    }
    const second = attempt(plan(), 2)
    expect(second.ledger.attempt).toEqual({ share: 0.5, total: 1.5 })
    expect(second.comparison.look).toMatchObject({ alpha: 0.025 })
    expect(second.comparison.look!.boundary).toBeCloseTo(boundsOf([0.4], 0.025).upper[0]!, 9)
    expect(second.comparison.interval.level).toBe(0.975)
    expect(attempt(plan(), 3).ledger.attempt).toEqual({ share: 0.25, total: 1.75 })
    expect(attempt(plan(), 70).comparison.interval.level).toBeLessThan(1)
    const declared = plan({ attempts: [0.6, 0.4] })
    expect(attempt(declared, 2).comparison.look!.alpha).toBeCloseTo(0.02, 12)
    expect(attempt(declared, 4).ledger.attempt.share).toBeCloseTo(0.1, 12)
    const sequence = plan({ method: 'asymptotic-cs', tuneAt: 1_000, maximumUnits: undefined })
    expect(attempt(sequence, 2).comparison.interval.level).toBe(0.975)
  })
})

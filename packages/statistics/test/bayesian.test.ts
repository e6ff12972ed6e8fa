import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  betaBinomialModel,
  differenceOfEstimates,
  deltaLift,
  type Estimable,
  estimatedMean,
  isEstimable,
  momentsFromSums,
  normalLoss,
  normalModel,
  type NotEstimable,
} from '../src/index.ts'
import { disagreements, type ReferenceCase } from './agreement.ts'
import reference from './reference/bayesian.json' with { type: 'json' }

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}
const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

function normalEffect(input: any) {
  const of = (arm: any) =>
    input.statistic === 'proportion'
      ? { mean: arm.sum / arm.n, variance: ((arm.sum / arm.n) * (1 - arm.sum / arm.n)) / arm.n }
      : known(estimatedMean(known(momentsFromSums(arm)), 'an arm'))
  const [control, treatment] = [of(input.control), of(input.treatment)]
  const effect =
    input.difference === 'relative'
      ? known(deltaLift(control, treatment))
      : known(differenceOfEstimates(control, treatment))
  const posterior = known(
    normalModel(
      { estimate: 'lift' in effect ? effect.lift : effect.difference, standardError: effect.standardError },
      { level: 1 - input.alpha, ...(input.prior && { prior: input.prior }) },
    ),
  )
  return {
    chanceToWin: posterior.chanceToWin,
    posteriorMean: posterior.mean,
    posteriorSd: posterior.sd,
    ciLower: posterior.interval.lower,
    ciUpper: posterior.interval.upper,
    riskControl: posterior.expectedLossControl,
    riskTreatment: posterior.expectedLossTreatment,
  }
}

const methods: Record<string, (input: any) => unknown> = {
  'bayes-beta-binomial': (input) => {
    const model = known(betaBinomialModel(input.control, input.treatment, { prior: input.prior }))
    const { control, treatment, ...rest } = model
    return {
      ...rest,
      controlMean: control.mean,
      treatmentMean: treatment.mean,
      control95: [control.interval.lower, control.interval.upper],
      treatment95: [treatment.interval.lower, treatment.interval.upper],
    }
  },
  'bayes-normal-effect': normalEffect,
  'bayes-normal-effect-published': normalEffect,
  'bayes-normal-risk': ({ mean, sd }) => ({
    riskControl: normalLoss(-mean, sd),
    riskTreatment: normalLoss(mean, sd),
  }),
}

for (const each of reference.cases as ReferenceCase[]) {
  it(`${each.id} agrees with other software`, () => {
    expect(disagreements(each, methods[each.method]!(each.input))).toEqual([])
  })
}

const proportion = fc
  .tuple(fc.integer({ min: 0, max: 2000 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([n, share]) => ({ n, successes: Math.round(n * share) }))
const prior = fc.record({
  alpha: fc.double({ min: 0.1, max: 50, noNaN: true }),
  beta: fc.double({ min: 0.1, max: 50, noNaN: true }),
})

describe('betaBinomialModel', () => {
  it('adds up: the losses differ by the expected difference, the chances of both arms by nothing', () => {
    fc.assert(
      fc.property(proportion, proportion, prior, (control, treatment, p) => {
        const model = known(betaBinomialModel(control, treatment, { prior: p }))
        const mirrored = known(betaBinomialModel(treatment, control, { prior: p }))
        expect(model.expectedLossControl - model.expectedLossTreatment).toBeCloseTo(
          model.expectedDifference,
          12,
        )
        expect(model.chanceToWin + mirrored.chanceToWin).toBeCloseTo(1, 12)
        expect(mirrored.expectedLossControl).toBe(model.expectedLossTreatment)
        expect(model.expectedLossTreatment).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 40 },
    )
  })

  it('is Evan Miller’s closed form for whole shapes, to 1e-11 of even a small chance', () => {
    // P(T > C) = Σ_{i < a_T} B(a_C + i, b_C + b_T) / ((b_T + i) B(1 + i, b_T) B(a_C, b_C)), for integers.
    const logFactorials = [0]
    for (let i = 1; i < 6000; i++) logFactorials.push(logFactorials[i - 1]! + Math.log(i))
    const lbeta = (a: number, b: number) =>
      logFactorials[a - 1]! + logFactorials[b - 1]! - logFactorials[a + b - 1]!
    for (const [sc, nc, st, nt] of [
      [30, 100, 10, 100],
      [200, 1000, 90, 1000],
      [5, 2000, 6, 50],
    ] as const) {
      const [ac, bc, at, bt] = [sc + 1, nc - sc + 1, st + 1, nt - st + 1]
      let sum = 0
      for (let i = 0; i < at; i++) {
        sum += Math.exp(lbeta(ac + i, bc + bt) - Math.log(bt + i) - lbeta(1 + i, bt) - lbeta(ac, bc))
      }
      const model = known(betaBinomialModel({ successes: sc, n: nc }, { successes: st, n: nt }))
      expect(Math.abs(model.chanceToWin / sum - 1)).toBeLessThan(1e-11)
    }
  })

  it('shares the chances between below, within and above the region of practical equivalence', () => {
    const control = { successes: 30, n: 100 }
    const treatment = { successes: 45, n: 120 }
    const at = (lower: number, upper: number) =>
      known(betaBinomialModel(control, treatment, { practicalEquivalence: { lower, upper } }))
    const { practical, chanceToWin } = at(-0.02, 0.02)
    expect(practical!.below + practical!.within + practical!.above).toBeCloseTo(1, 12)
    expect(at(-1e-9, 1e-9).practical!.above).toBeCloseTo(chanceToWin, 7)
    // Normal approximation: difference .0716, standard error .0624.
    expect(practical!.above).toBeCloseTo(0.796, 2)
    expect(at(-2, 2).practical).toEqual({ below: 0, within: 1, above: 0 })
  })

  it('without data is the prior, and says why it cannot', () => {
    const none = { successes: 0, n: 0 }
    expect(known(betaBinomialModel(none, none)).chanceToWin).toBeCloseTo(0.5, 13)
    expect(code(betaBinomialModel({ successes: 3, n: 2 }, none))).toBe('not-applicable')
    expect(code(betaBinomialModel({ successes: Number.NaN, n: 2 }, none))).toBe('non-finite')
    expect(() => betaBinomialModel(none, none, { prior: { alpha: 0, beta: 1 } })).toThrow('above 0')
  })
})

describe('normalModel', () => {
  const effect = fc.record({
    estimate: fc.double({ min: -5, max: 5, noNaN: true }),
    standardError: fc.double({ min: 1e-3, max: 5, noNaN: true }),
  })

  it('lies between the prior and the data and is surer than both', () => {
    fc.assert(
      fc.property(effect, fc.double({ min: 0.01, max: 9, noNaN: true }), (data, variance) => {
        const { mean, sd } = known(normalModel(data, { prior: { mean: 0.5, variance } }))
        expect(mean).toBeGreaterThanOrEqual(Math.min(0.5, data.estimate) - 1e-12)
        expect(mean).toBeLessThanOrEqual(Math.max(0.5, data.estimate) + 1e-12)
        expect(sd).toBeLessThan(Math.min(data.standardError, Math.sqrt(variance)) * (1 + 1e-12))
      }),
    )
  })

  it('adds up: the losses differ by the mean; the chances around the region are one', () => {
    fc.assert(
      fc.property(effect, (data) => {
        const model = known(normalModel(data, { practicalEquivalence: { lower: -0.1, upper: 0.2 } }))
        expect(model.expectedLossControl - model.expectedLossTreatment).toBeCloseTo(model.mean, 12)
        const { below, within, above } = model.practical!
        expect(below + within + above).toBeCloseTo(1, 13)
        expect(within).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('says why it cannot', () => {
    expect(code(normalModel({ estimate: 1, standardError: 0 }))).toBe('zero-variance')
    expect(code(normalModel({ estimate: Number.NaN, standardError: 1 }))).toBe('non-finite')
    const data = { estimate: 1, standardError: 1 }
    expect(() => normalModel(data, { prior: { mean: 0, variance: 0 } })).toThrow('variance above 0')
    expect(() => normalModel(data, { practicalEquivalence: { lower: 1, upper: 1 } })).toThrow('lower < upper')
  })
})

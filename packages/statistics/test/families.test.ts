import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  betaCdf,
  betaLogCdf,
  betaLogSf,
  betaQuantile,
  betaSf,
  binomialCdf,
  binomialLogCdf,
  binomialLogPmf,
  binomialLogSf,
  binomialPmf,
  binomialQuantile,
  binomialSf,
  fCdf,
  fLogSf,
  fQuantile,
  fSf,
  gammaCdf,
  gammaLogCdf,
  gammaLogSf,
  gammaQuantile,
  gammaSf,
  kolmogorovCdf,
  kolmogorovLogSf,
  kolmogorovQuantile,
  kolmogorovSf,
  poissonCdf,
  poissonLogCdf,
  poissonLogPmf,
  poissonLogSf,
  poissonPmf,
  poissonQuantile,
  poissonSf,
  incompleteBeta,
} from '../src/index.ts'
import { disagreements, type ReferenceCase } from './agreement.ts'
import distributions from './reference/distributions.json' with { type: 'json' }
import drift from './reference/drift.json' with { type: 'json' }
import families from './reference/families.json' with { type: 'json' }

const byMethod: Record<string, (...args: number[]) => number> = {
  'F-sf': fSf,
  'beta-cdf': betaCdf,
  'beta-sf': betaSf,
  'beta-quantile': betaQuantile,
  'gamma-cdf': gammaCdf,
  'gamma-sf': gammaSf,
}

for (const each of distributions.cases as ReferenceCase[]) {
  const value = byMethod[each.method]
  if (!value) continue
  it(`${each.id} agrees with mpmath`, () => {
    const actual = (each.input.args as number[][]).map((args) => value(...args))
    expect(disagreements(each, { value: actual })).toEqual([])
  })
}

for (const each of (drift.cases as ReferenceCase[]).filter(({ method }) => method === 'kolmogorov-sf')) {
  it(`${each.id} agrees with scipy`, () => {
    expect(disagreements(each, { sf: kolmogorovSf(each.input.x) })).toEqual([])
  })
}

const byName = {
  betaCdf,
  betaSf,
  betaLogCdf,
  betaLogSf,
  fCdf,
  fSf,
  fLogSf,
  gammaCdf,
  gammaSf,
  gammaLogCdf,
  gammaLogSf,
  binomialPmf,
  binomialLogPmf,
  binomialCdf,
  binomialSf,
  binomialLogCdf,
  binomialLogSf,
  poissonPmf,
  poissonLogPmf,
  poissonCdf,
  poissonSf,
  poissonLogCdf,
  poissonLogSf,
  kolmogorovCdf,
  kolmogorovSf,
  kolmogorovLogSf,
}
const exact = families.cases as [name: string, args: number[], value: number][]

for (const [name, f] of Object.entries(byName)) {
  it(`${name} has a relative error of at most 1e-12 in the bulk and 1e-11 in the tails`, () => {
    const rows = exact.filter(([each]) => each === name)
    const wrong = rows
      .map(([, args, value]) => {
        const error = Math.abs((f as (...args: number[]) => number)(...args) - value) / Math.abs(value)
        return { args, value, error }
      })
      .filter(({ value, error }) => !(error <= (Math.abs(Math.log(Math.abs(value))) < 14 ? 1e-12 : 1e-11)))
    expect(rows.length).toBeGreaterThan(5)
    expect(wrong).toEqual([])
  })
}

const probability = fc
  .tuple(fc.double({ min: 1e-9, max: 0.5, noNaN: true }), fc.boolean(), fc.integer({ min: 0, max: 250 }))
  .map(([p, upper, zeros]) => (upper ? 1 - p : p * 10 ** -zeros))
const shape = fc.double({ min: -4, max: 9, noNaN: true }).map((logarithm) => Math.exp(logarithm))

describe('quantiles undo the cdf', () => {
  // The cdf at the two doubles beside the quantile lies on both sides of p, up to the rounding of the cdf.
  const isUndone = (p: number, x: number, cdf: (x: number) => number, sf: (x: number) => number) => {
    const near = p <= 0.5 ? cdf : sf
    const target = p <= 0.5 ? p : 1 - p
    const values = [near(x * (1 - 1e-13)), near(x * (1 + 1e-13))]
    expect(Math.min(...values)).toBeLessThanOrEqual(target * (1 + 1e-11))
    expect(Math.max(...values)).toBeGreaterThanOrEqual(target * (1 - 1e-11))
  }

  it('beta', () => {
    fc.assert(
      fc.property(probability, shape, shape, (p, a, b) => {
        const x = betaQuantile(p, a, b)
        fc.pre(x > 1e-290 && x < 0.9)
        isUndone(
          p,
          x,
          (at) => betaCdf(at, a, b),
          (at) => betaSf(at, a, b),
        )
      }),
    )
  })

  it('F', () => {
    fc.assert(
      fc.property(probability, shape, shape, (p, df1, df2) => {
        const x = fQuantile(p, df1, df2)
        fc.pre(x > 1e-290 && x < 1e290)
        isUndone(
          p,
          x,
          (at) => fCdf(at, df1, df2),
          (at) => fSf(at, df1, df2),
        )
      }),
    )
  })

  it('gamma', () => {
    fc.assert(
      fc.property(probability, shape, shape, (p, a, rate) => {
        const x = gammaQuantile(p, a, rate)
        fc.pre(x > 1e-290)
        isUndone(
          p,
          x,
          (at) => gammaCdf(at, a, rate),
          (at) => gammaSf(at, a, rate),
        )
      }),
    )
  })

  it('Kolmogorov', () => {
    fc.assert(
      fc.property(probability, (p) => isUndone(p, kolmogorovQuantile(p), kolmogorovCdf, kolmogorovSf)),
    )
  })

  it('binomial and Poisson: the smallest count that reaches p', () => {
    fc.assert(
      fc.property(
        probability,
        fc.integer({ min: 0, max: 100_000 }),
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        (p, n, share) => {
          const k = binomialQuantile(p, n, share)
          const m = poissonQuantile(p, n * share + 0.01)
          const reaches = (lower: number, upper: number) =>
            p <= 0.5 ? lower >= p * (1 - 1e-13) : upper <= (1 - p) * (1 + 1e-13)
          expect(reaches(binomialCdf(k, n, share), binomialSf(k, n, share))).toBe(true)
          if (k > 0) expect(reaches(binomialCdf(k - 1, n, share), binomialSf(k - 1, n, share))).toBe(false)
          const mean = n * share + 0.01
          expect(reaches(poissonCdf(m, mean), poissonSf(m, mean))).toBe(true)
          if (m > 0) expect(reaches(poissonCdf(m - 1, mean), poissonSf(m - 1, mean))).toBe(false)
        },
      ),
    )
  })

  it('mirror: a beta quantile is one minus that of the other tail', () => {
    expect(betaQuantile(0.2, 7, 3)).toBeCloseTo(1 - betaQuantile(0.8, 3, 7), 14)
    expect(fQuantile(0.01, 4, 9)).toBeCloseTo(1 / fQuantile(0.99, 9, 4), 13)
  })
})

describe('the edges', () => {
  it('of the support', () => {
    expect([betaCdf(-1, 2, 3), betaCdf(2, 2, 3), betaSf(-1, 2, 3)]).toEqual([0, 1, 1])
    expect([fCdf(-1, 2, 3), fSf(Number.POSITIVE_INFINITY, 2, 3), gammaCdf(-1, 2), gammaSf(-1, 2)]).toEqual([
      0, 0, 0, 1,
    ])
    expect([binomialCdf(-1, 5, 0.2), binomialCdf(5, 5, 0.2), binomialSf(-1, 5, 0.5)]).toEqual([0, 1, 1])
    expect(binomialSf(4.5, 5, 0.5)).toBeCloseTo(0.5 ** 5, 15)
    expect([
      binomialPmf(0, 0, 0.3),
      binomialPmf(0, 7, 0),
      binomialPmf(7, 7, 1),
      binomialPmf(1.5, 7, 0.5),
    ]).toEqual([1, 1, 1, 0])
    expect([poissonCdf(-0.5, 3), poissonSf(-0.5, 3), poissonPmf(0, 3)]).toEqual([0, 1, Math.exp(-3)])
    expect([kolmogorovCdf(0), kolmogorovSf(-2), kolmogorovSf(0.05)]).toEqual([0, 1, 1])
  })

  it('of probability', () => {
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1])
    expect([fQuantile(0, 2, 3), fQuantile(1, 2, 3)]).toEqual([0, Number.POSITIVE_INFINITY])
    expect([binomialQuantile(0, 9, 0.5), binomialQuantile(1, 9, 0.5)]).toEqual([0, 9])
    expect([poissonQuantile(0, 9), poissonQuantile(1, 9)]).toEqual([0, Number.POSITIVE_INFINITY])
    expect([kolmogorovQuantile(0), kolmogorovQuantile(1)]).toEqual([0, Number.POSITIVE_INFINITY])
    expect(binomialQuantile(0.5, 1, 0.5)).toBe(0)
  })

  it('of a shape of one: powers', () => {
    for (const x of [1e-6, 0.3, 0.49, 0.51, 0.9, 1 - 1e-6]) {
      for (const shape of [0.018, 0.5, 1, 40]) {
        expect(betaCdf(x, shape, 1) / x ** shape).toBeCloseTo(1, 12)
        expect(betaSf(x, 1, shape) / Math.exp(shape * Math.log1p(-x))).toBeCloseTo(1, 12)
        expect(Math.exp(betaLogCdf(x, 1, shape)) / -Math.expm1(shape * Math.log1p(-x))).toBeCloseTo(1, 12)
      }
    }
  })

  it('of sense: NaN', () => {
    const nonsense = [
      betaCdf(0.5, -1, 2),
      betaQuantile(2, 1, 1),
      fSf(1, 0, 1),
      fQuantile(-0.1, 1, 1),
      gammaSf(1, 0),
      gammaQuantile(Number.NaN, 1),
      binomialCdf(1, 2.5, 0.5),
      binomialPmf(1, 2, 1.5),
      binomialQuantile(0.5, 3, Number.NaN),
      poissonCdf(1, -1),
      poissonPmf(1, 0),
      poissonQuantile(3, 1),
      kolmogorovSf(Number.NaN),
      kolmogorovQuantile(-1),
    ]
    for (const value of nonsense) expect(value).toBeNaN()
  })
})

it('has a power for the incomplete beta function where a shape is 1', () => {
  for (const shape of [0.0183, 0.5, 1, 7.5, 1e5]) {
    for (const x of [1e-3, 0.2, 0.49, 0.51, 0.999]) {
      const below = incompleteBeta(x, shape, 1)
      expect(below.logLower).toBeCloseTo(shape * Math.log(x), 9)
      expect(incompleteBeta(1 - x, 1, shape, x).upper).toBeCloseTo(below.lower, 12)
    }
  }
})

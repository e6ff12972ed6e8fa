import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addPair,
  type CrossMoments,
  clusteredDifference,
  completeCovariates,
  cupedDifference,
  cupedLift,
  emptyCrossMoments,
  emptyJointMoments,
  type Estimable,
  isEstimable,
  jackknife,
  type JointMoments,
  jointMomentsOf,
  mergeJointMoments,
  type Moments,
  momentsFromSums,
  momentsOf,
  type NotEstimable,
  ratioDifference,
  ratioLift,
  regressionDifference,
  stratifiedDifference,
  stratifiedLift,
  type TTest,
  welch,
} from '../src/index.ts'
import { disagreements, type ReferenceCase } from './agreement.ts'
import adjustment from './reference/adjustment.json' with { type: 'json' }
import clusters from './reference/clusters.json' with { type: 'json' }

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}
const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

const zip = (...columns: number[][]) => columns[0]!.map((_, i) => columns.map((column) => column[i]!))
const pairsOf = ({ num, den }: { num: number[]; den: number[] }): CrossMoments =>
  num.reduce((pairs, y, i) => addPair(pairs, den[i]!, y), emptyCrossMoments)
const tested = (estimate: number, test: TTest) => ({
  estimate,
  se: test.standardError,
  ciLower: test.interval.lower,
  ciUpper: test.interval.upper,
  p: test.pValue,
  error: null,
})

const methods: Record<string, (input: any) => unknown> = {
  ratio: ({ control, treatment, difference }) => {
    const [c, t] = [pairsOf(control), pairsOf(treatment)]
    const controlRatio = c.meanY / c.meanX
    const treatmentRatio = t.meanY / t.meanX
    if (difference === 'relative') {
      const test = known(ratioLift(c, t))
      return { controlRatio, treatmentRatio, ...tested(test.lift, test) }
    }
    const test = known(ratioDifference(c, t))
    return { controlRatio, treatmentRatio, ...tested(test.difference, test) }
  },
  cuped: ({ control, treatment, difference }) => {
    const c = jointMomentsOf(zip(control.post, control.pre))
    const t = jointMomentsOf(zip(treatment.post, treatment.pre))
    if (difference === 'relative') {
      const test = known(cupedLift(c, t))
      return { theta: test.theta[0], ...tested(test.lift, test) }
    }
    const test = known(cupedDifference(c, t))
    return { theta: test.theta[0], ...tested(test.difference, test) }
  },
  'cuped-ratio': ({ control, treatment, difference }) => {
    const of = (arm: any) => jointMomentsOf(zip(arm.num, arm.den, arm.numPre, arm.denPre))
    const options = {
      outcome: { numerator: 0, denominator: 1 },
      covariates: [{ numerator: 2, denominator: 3 }],
    }
    if (difference === 'relative') {
      const test = known(cupedLift(of(control), of(treatment), options))
      return { theta: test.theta[0], ...tested(test.lift, test) }
    }
    const test = known(cupedDifference(of(control), of(treatment), options))
    return { theta: test.theta[0], ...tested(test.difference, test) }
  },
  'post-stratification': ({ strata }) => {
    const test = known(
      stratifiedDifference(
        strata.map((stratum: any) => ({
          control: known(momentsFromSums(stratum.control)),
          treatment: known(momentsFromSums(stratum.treatment)),
        })),
      ),
    )
    return tested(test.difference, test)
  },
  'stratified-difference': ({ strata }) => {
    const of = ({ n, mean, variance }: any): Moments => ({ n, mean, m2: variance * (n - 1) })
    const test = known(
      stratifiedDifference(
        strata.map(({ control, treatment }: any) => ({ control: of(control), treatment: of(treatment) })),
        { weights: 'fixed' },
      ),
    )
    return { effect: test.difference, seFixedWeights: test.standardError }
  },
  ancova: ({ y, x, treated }) => {
    const units = (y as number[]).map((value, i) => ({
      value,
      isTreated: treated[i] === 1,
      covariates: [x[i] as number],
    }))
    const plain = units.map(({ value, isTreated }) => ({ value, isTreated }))
    const arm = (isTreated: boolean) =>
      jointMomentsOf(
        units
          .filter((unit) => unit.isTreated === isTreated)
          .map(({ value, covariates }) => [value, ...covariates]),
      )
    const se = (slopes: 'common' | 'interacted', variance: 'HC0' | 'HC2') =>
      known(regressionDifference(units, { slopes, variance })).standardError
    const cuped = known(cupedDifference(arm(false), arm(true)))
    const unadjusted = known(regressionDifference(plain))
    return {
      unadjusted: unadjusted.difference,
      unadjustedSeHC2: unadjusted.standardError,
      ancova: known(regressionDifference(units, { slopes: 'common' })).difference,
      ancovaSeHC0: se('common', 'HC0'),
      ancovaSeHC2: se('common', 'HC2'),
      lin: known(regressionDifference(units)).difference,
      linSeHC0: se('interacted', 'HC0'),
      linSeHC2: se('interacted', 'HC2'),
      cupedTheta: cuped.theta[0],
      cupedEffect: cuped.difference,
      cupedSe: cuped.standardError,
      cupedVarianceReduction: cuped.varianceReduction,
    }
  },
  'cluster-robust': ({ y, treated, cluster }) => {
    const units = (y as number[]).map((value, i) => ({
      value,
      isTreated: treated[i] === 1,
      cluster: cluster[i] as number,
    }))
    const [cr0, cr1, cr2] = (['CR0', 'CR1', 'CR2'] as const).map((variance) =>
      known(clusteredDifference(units, { variance })),
    )
    const hc = (variance: 'HC0' | 'HC1' | 'HC2' | 'HC3') =>
      known(regressionDifference(units, { variance })).standardError
    return {
      effect: cr2!.difference,
      seCR0: cr0!.standardError,
      seCR1: cr1!.standardError,
      seCR1GroupsOnly: cr0!.standardError * Math.sqrt(cr0!.clusters / (cr0!.clusters - 1)),
      seCR2: cr2!.standardError,
      dfCR2: cr2!.degreesOfFreedom,
      pCR2: cr2!.pValue,
      dfCR1: cr1!.degreesOfFreedom,
      pCR1: cr1!.pValue,
      seHC0: hc('HC0'),
      seHC1: hc('HC1'),
      seHC2: hc('HC2'),
      seHC3: hc('HC3'),
    }
  },
}

for (const each of [...adjustment.cases, ...clusters.cases] as ReferenceCase[]) {
  it(`${each.id} agrees with ${each.source.slice(0, 24)}…`, () => {
    // The standard error of least squares with equal spread is nothing this package offers.
    const { seIid: _equalSpread, ...expected } = each.expected
    expect(disagreements({ ...each, expected }, methods[each.method]!(each.input))).toEqual([])
  })
}

const value = fc.integer({ min: -800, max: 800 }).map((eighths) => eighths / 8)
const rows = (columns: number) =>
  fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength: 6, maxLength: 30 })

describe('jointMomentsOf', () => {
  it('merges like the rows themselves', () => {
    fc.assert(
      fc.property(rows(3), rows(3), (a, b) => {
        const whole = jointMomentsOf([...a, ...b])
        const merged = mergeJointMoments(jointMomentsOf(a), jointMomentsOf(b))
        expect(merged.n).toBe(whole.n)
        for (let i = 0; i < 3; i++) {
          expect(merged.means[i]).toBeCloseTo(whole.means[i]!, 10)
          for (let j = 0; j < 3; j++) expect(merged.products[i]![j]).toBeCloseTo(whole.products[i]![j]!, 6)
        }
        expect(mergeJointMoments(emptyJointMoments(3), whole)).toBe(whole)
      }),
    )
  })

  it('keeps the digits of 1e9 ± 0.5', () => {
    const { products } = jointMomentsOf([
      [1e9 - 0.5, 1],
      [1e9 + 0.5, 2],
    ])
    expect(products).toEqual([
      [0.5, 0.5],
      [0.5, 0.5],
    ])
  })
})

describe('cuped', () => {
  const arm = (data: number[][]): JointMoments => jointMomentsOf(data)

  it('without covariates is Welch’s test', () => {
    fc.assert(
      fc.property(rows(1), rows(1), (a, b) => {
        const plain = welch(momentsOf(a.flat()), momentsOf(b.flat()))
        const adjusted = cupedDifference(arm(a), arm(b))
        fc.pre(isEstimable(plain) && plain.standardError > 1e-3)
        expect(known(adjusted).difference).toBeCloseTo(known(plain).difference, 9)
        expect(known(adjusted).pValue).toBeCloseTo(known(plain).pValue, 9)
        expect(known(adjusted).varianceReduction).toBe(0)
      }),
    )
  })

  it('does not care for the units or the zero of a covariate, nor for one given twice', () => {
    fc.assert(
      fc.property(rows(3), rows(3), fc.integer({ min: -50, max: 50 }), (a, b, shift) => {
        const plain = cupedDifference(arm(a), arm(b))
        fc.pre(isEstimable(plain))
        const moved = (data: number[][]) => data.map(([y, x, z]) => [y!, 8 * x! + shift, z!, x! - shift])
        const other = known(cupedDifference(arm(moved(a)), arm(moved(b))))
        fc.pre(plain.varianceReduction < 0.99 && plain.varianceReduction > -5)
        const spread = Math.abs(plain.theta[0]!) + Math.abs(plain.theta[1]!)
        fc.pre(spread < 100 && plain.theta[0] !== 0 && plain.theta[1] !== 0)
        expect(other.difference).toBeCloseTo(plain.difference, 5)
        expect(other.standardError).toBeCloseTo(plain.standardError, 5)
      }),
      { numRuns: 60 },
    )
  })

  it('takes away what a covariate explains: all of it, and the effect stays', () => {
    const control = arm([1, 2, 3, 4, 5, 6, 7, 8].map((x) => [2 * x + (x % 2) / 10, x]))
    const treatment = arm([2, 3, 4, 5, 6, 7, 8, 9, 11].map((x) => [2 * x + 1 + (x % 2) / 10, x]))
    const { difference, varianceReduction, theta } = known(cupedDifference(control, treatment))
    expect(difference).toBeCloseTo(1, 0)
    expect(varianceReduction).toBeGreaterThan(0.98)
    expect(theta[0]).toBeGreaterThan(1.9)
  })

  it('with missing covariates does not care what the gaps are filled with', () => {
    fc.assert(
      fc.property(rows(2), rows(2), fc.integer({ min: -9, max: 9 }), (a, b, fill) => {
        const filled = (data: number[][], by: number) =>
          arm(data.map(([y, x], i) => [y!, ...completeCovariates([i % 3 === 0 ? undefined : x!], [by])]))
        const plain = cupedDifference(filled(a, 0), filled(b, 0))
        const other = cupedDifference(filled(a, fill), filled(b, fill))
        fc.pre(isEstimable(plain) && isEstimable(other))
        fc.pre(plain.theta.every((each) => each !== 0 && Math.abs(each) < 1e3))
        fc.pre(other.theta.every((each) => each !== 0))
        expect(other.difference).toBeCloseTo(plain.difference, 5)
        expect(other.standardError).toBeCloseTo(plain.standardError, 5)
      }),
      { numRuns: 60 },
    )
  })

  it('says why it cannot', () => {
    const fine = arm([
      [1, 2],
      [2, 3],
      [4, 1],
    ])
    expect(code(cupedDifference(emptyJointMoments(2), fine))).toBe('no-data')
    expect(code(cupedDifference(arm([[1, 2]]), fine))).toBe('too-few-units')
    const constant = arm([
      [5, 1],
      [5, 1],
    ])
    expect(code(cupedDifference(constant, constant))).toBe('zero-variance')
    const zero = arm([
      [1, 1],
      [-1, 2],
    ])
    expect(code(cupedLift(zero, fine))).toBe('zero-control-mean')
    expect(
      code(
        cupedDifference(
          arm([
            [Number.NaN, 1],
            [1, 2],
          ]),
          fine,
        ),
      ),
    ).toBe('non-finite')
    expect(
      code(
        cupedDifference(
          arm([
            [1e308, 1],
            [-1e308, 2],
          ]),
          fine,
        ),
      ),
    ).toBe('non-finite')
  })
})

describe('ratio metrics', () => {
  it('with a denominator of one are means', () => {
    fc.assert(
      fc.property(rows(1), rows(1), (a, b) => {
        const of = (data: number[][]) => pairsOf({ num: data.flat(), den: data.map(() => 1) })
        const plain = welch(momentsOf(a.flat()), momentsOf(b.flat()))
        fc.pre(isEstimable(plain) && plain.standardError > 1e-3)
        expect(known(ratioDifference(of(a), of(b))).t).toBeCloseTo(known(plain).t, 6)
      }),
    )
  })

  it('say why they cannot', () => {
    const fine = pairsOf({ num: [1, 2, 3], den: [1, 2, 2] })
    expect(code(ratioDifference(emptyCrossMoments, fine))).toBe('no-data')
    expect(code(ratioDifference(fine, pairsOf({ num: [1], den: [2] })))).toBe('too-few-units')
    expect(code(ratioLift(pairsOf({ num: [1, 2], den: [1, -1] }), fine))).toBe('not-applicable')
    expect(
      code(ratioDifference(pairsOf({ num: [1, 2], den: [1, 2] }), pairsOf({ num: [3, 6], den: [1, 2] }))),
    ).toBe('zero-variance')
  })
})

describe('stratifiedDifference', () => {
  const moments = (n: number, mean: number, m2: number): Moments => ({ n, mean, m2 })

  it('undoes Simpson’s paradox', () => {
    const strata = [
      { control: moments(10, 1, 9), treatment: moments(90, 2, 89) },
      { control: moments(90, 11, 89), treatment: moments(10, 12, 9) },
    ]
    const test = known(stratifiedDifference(strata))
    expect(test.difference).toBeCloseTo(1, 12)
    expect(test.weights).toBe('estimated')
    // The effect is the same in both strata: their shares add nothing.
    expect(test.standardError).toBe(known(stratifiedDifference(strata, { weights: 'fixed' })).standardError)
  })

  it('is relative to control as it is, which it varies with', () => {
    const arm = (n: number, mean: number, variance: number) => moments(n, mean, variance * (n - 1))
    const strata = [
      { control: arm(50, 10, 4), treatment: arm(40, 11, 5) },
      { control: arm(100, 20, 9), treatment: arm(120, 20.5, 8) },
      { control: arm(30, 35, 16), treatment: arm(25, 37, 20) },
    ]
    // By the formulas in numpy, from influence functions; 100,000 simulated trials give a covariance of -0.04298.
    const { controlCovariance } = known(stratifiedDifference(strata))
    expect(controlCovariance).toBeCloseTo(-0.04290295225601393, 12)
    const { lift, standardError } = known(stratifiedLift(strata))
    expect(lift).toBeCloseTo(0.043063862627821727, 12)
    expect(standardError).toBeCloseTo(0.016420505739084414, 12)
    const mirrored = strata.map(({ control, treatment }) => ({
      control: { ...control, mean: -control.mean },
      treatment: { ...treatment, mean: -treatment.mean },
    }))
    expect(known(stratifiedLift(mirrored)).lift).toBeCloseTo(-lift, 12)
    const empty = [{ control: arm(2, 0, 1), treatment: arm(2, 1, 1) }]
    expect(code(stratifiedLift(empty))).toBe('zero-control-mean')
  })

  it('says which stratum is too thin', () => {
    const strata = [
      { control: moments(10, 1, 9), treatment: moments(9, 2, 8) },
      { control: moments(1, 1, 0), treatment: moments(9, 2, 8) },
    ]
    const thin = stratifiedDifference(strata) as NotEstimable
    expect(thin.notEstimable).toEqual({
      code: 'too-few-units',
      detail: 'in stratum 1, in control, a single value has no variance',
    })
    expect(code(stratifiedDifference([]))).toBe('no-data')
  })
})

describe('clusteredDifference', () => {
  const unit = fc.record({ value, isTreated: fc.boolean(), cluster: fc.integer({ min: 0, max: 12 }) })

  it('with a cluster for each unit is HC0, HC1 with (n − 1)/n left, HC2', () => {
    fc.assert(
      fc.property(fc.array(unit, { minLength: 8, maxLength: 30 }), (units) => {
        const alone = units.map((each, cluster) => ({ ...each, cluster }))
        const cr2 = clusteredDifference(alone)
        const hc2 = regressionDifference(units)
        fc.pre(isEstimable(cr2) && isEstimable(hc2))
        fc.pre(Math.min(...[true, false].map((t) => units.filter((u) => u.isTreated === t).length)) > 1)
        expect(known(cr2).standardError).toBeCloseTo(known(hc2).standardError, 8)
        const cr0 = known(clusteredDifference(alone, { variance: 'CR0' }))
        expect(cr0.standardError).toBeCloseTo(
          known(regressionDifference(units, { variance: 'HC0' })).standardError,
          8,
        )
      }),
    )
  })

  it('says why it cannot', () => {
    const treated = [1, 2, 3, 4].map((value) => ({ value, isTreated: true, cluster: value }))
    expect(code(clusteredDifference(treated))).toBe('no-data')
    const two = [1, 2, 3, 4].map((value) => ({ value, isTreated: value > 2, cluster: value > 2 ? 'b' : 'a' }))
    expect(code(clusteredDifference(two))).toBe('too-few-units')
    const constant = [1, 2, 3, 4, 5, 6].map((i) => ({ value: 7, isTreated: i > 3, cluster: i }))
    expect(code(clusteredDifference(constant))).toBe('zero-variance')
    const broken = constant.map((each) => ({ ...each, value: Number.POSITIVE_INFINITY }))
    expect(code(clusteredDifference(broken))).toBe('non-finite')
    const repeated = constant.map((each, i) => ({ ...each, value: i * i, covariates: [3] }))
    expect(code(clusteredDifference(repeated))).toBe('not-applicable')
  })
})

describe('jackknife', () => {
  it('of a mean, leaving out one unit at a time, is the variance of the mean', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 40 }), (values) => {
        const { n, mean, m2 } = momentsOf(values)
        const leftOut = values.map((each) => (n * mean - each) / (n - 1))
        const estimate = known(jackknife(mean, leftOut))
        expect(estimate.variance).toBeCloseTo(m2 / (n - 1) / n, 6)
        expect(estimate.degreesOfFreedom).toBe(n - 1)
      }),
    )
    expect(code(jackknife(1, [1]))).toBe('too-few-units')
    expect(code(jackknife(Number.NaN, [1, 2]))).toBe('non-finite')
  })
})

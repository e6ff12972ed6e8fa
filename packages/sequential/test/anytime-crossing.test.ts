import {
  type Estimable,
  isEstimable,
  jointMomentsOf,
  mergeJointMoments,
  emptyJointMoments,
} from '@fairtrial/statistics'
import { expect, it } from 'vitest'
import {
  addBoundedValue,
  adjustedLook,
  anytimeAnyQuantile,
  anytimeBoundedMean,
  anytimeProportion,
  anytimeQuantile,
  anytimeRegression,
  createRandom,
  emptyBoundedMean,
  explicitTuning,
  hybridLimits,
  logMixture,
  msprt,
  quantileTest,
  rareEventTest,
  type RandomStream,
  regressionTuning,
  type SumMixture,
} from '../src/index.ts'

/** How often some look of an experiment without an effect says that there is one: at most alpha, of `paths`. */
function expectSeldom(paths: number, alpha: number, crosses: (random: RandomStream) => boolean): void {
  let crossed = 0
  for (let path = 0; path < paths; path++) if (crosses(createRandom(20260, path))) crossed++
  // Three standard errors of a share of alpha: what a boundary that holds exactly would leave now and then.
  expect(crossed / paths).toBeLessThanOrEqual(alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / paths))
}

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const ALPHA = 0.1
const tuned = (tunedAt: number) => ({ ...explicitTuning({ alpha: ALPHA, tunedAt }), alpha: ALPHA })
/** About ten looks a decade. */
const isLook = (n: number) => Math.floor(10 * Math.log10(n)) !== Math.floor(10 * Math.log10(n - 1))

it('anytimeRegression with a covariate, looked at from the fifth unit on', () => {
  const options = { ...regressionTuning({ alpha: ALPHA, tunedAt: 20, coefficients: 3 }), alpha: ALPHA }
  expectSeldom(1000, ALPHA, ({ normal }) => {
    const arms = [emptyJointMoments(2), emptyJointMoments(2)]
    for (let n = 1; n <= 60; n++) {
      const covariate = normal()
      arms[n % 2] = mergeJointMoments(arms[n % 2]!, jointMomentsOf([[2 * covariate + normal(), covariate]]))
      if (n >= 5 && known(anytimeRegression(known(adjustedLook(arms[0]!, arms[1]!)), options)).pValue < ALPHA)
        return true
    }
    return false
  })
})

it('msprt of two arms with a known spread', () => {
  expectSeldom(2000, ALPHA, ({ normal }) => {
    let sum = 0
    for (let n = 1; n <= 500; n++) {
      sum += Math.SQRT2 * normal()
      const look = { estimate: sum / n, standardError: Math.sqrt(2 / n) }
      if (known(msprt(look, { mixingVariance: 0.1, alpha: ALPHA })).pValue < ALPHA) return true
    }
    return false
  })
})

it.each([
  [
    'gamma-exponential',
    { type: 'gamma-exponential', rho: 20, scale: 1 },
    (u: number) => -Math.log(1 - u) - 1,
  ],
  ['gamma-poisson', { type: 'gamma-poisson', rho: 20, scale: 1 }, (u: number) => (u < 0.5 ? 1 : -1)],
  [
    'beta-binomial',
    { type: 'beta-binomial', rho: 1, below: 0.05, above: 0.95, sides: 1 },
    (u: number) => (u < 0.05 ? 0.95 : -0.05),
  ],
] as const)('logMixture: %s', (_, mixture, step) => {
  const v = mixture.type === 'beta-binomial' ? 0.05 * 0.95 : 1
  expectSeldom(1000, ALPHA, ({ uniform }) => {
    let sum = 0
    for (let n = 1; n <= 300; n++) {
      sum += step(uniform())
      if (logMixture(sum, n * v, mixture as SumMixture) > -Math.log(ALPHA)) return true
    }
    return false
  })
})

it('anytimeProportion of a rare event', () => {
  expectSeldom(1000, ALPHA, ({ uniform }) => {
    let successes = 0
    for (let n = 1; n <= 2000; n++) {
      if (uniform() < 0.02) successes++
      if (!isLook(n)) continue
      const { lower, upper } = known(anytimeProportion({ successes, n }, tuned(500))).interval
      if (lower > 0.02 || upper < 0.02) return true
    }
    return false
  })
})

it('FEATURES F6: rareEventTest after every event, with unequal exposures and a margin', () => {
  expectSeldom(1000, ALPHA, ({ uniform }) => {
    // Treatment has twice the exposure and 1.2 times the rate: 2.4 of 3.4 events are its.
    let [control, treatment] = [0, 0]
    for (let n = 1; n <= 500; n++) {
      if (uniform() < 2.4 / 3.4) treatment++
      else control++
      if (!isLook(n)) continue
      const { interval } = known(
        rareEventTest({ events: control, exposure: 1 }, { events: treatment, exposure: 2 }, { alpha: ALPHA }),
      )
      if (interval.lower > 1.2 || interval.upper < 1.2) return true
    }
    return false
  })
})

it('anytimeBoundedMean of a skewed metric', () => {
  const options = tuned(200 * 0.05)
  expectSeldom(1000, ALPHA, ({ uniform }) => {
    let state = emptyBoundedMean(0, 1)
    for (let n = 1; n <= 500; n++) {
      state = addBoundedValue(state, uniform() ** 9)
      if (!isLook(n)) continue
      const { lower, upper } = known(anytimeBoundedMean(state, options)).interval
      if (lower > 0.1 || upper < 0.1) return true
    }
    return false
  })
})

it('quantiles of one arm and of two, of values with ties', () => {
  const median = 11
  expectSeldom(500, ALPHA, ({ uniform }) => {
    // Uniform on 1 … 21, so that the median is 11.
    const arms: number[][] = [[], []]
    for (let n = 1; n <= 300; n++) {
      for (const arm of arms) arm.push(1 + Math.floor(21 * uniform()))
      if (!isLook(n)) continue
      const [control, treatment] = arms.map((arm) => arm.toSorted((a, b) => a - b))
      const one = known(anytimeQuantile(control!, 0.5, tuned(100))).interval
      const any = known(anytimeAnyQuantile(control!, 0.5, { alpha: ALPHA, tunedAt: 30 })).interval
      for (const { lower, upper } of [one, any]) if (lower > median || upper < median) return true
      if (known(quantileTest(control!, treatment!, 0.9, tuned(100))).pValue < ALPHA) return true
    }
    return false
  })
})

it('the hybrid: harm at every look or benefit at the planned ones', () => {
  const plan = { ...tuned(400), rule: { type: 'hwang-shih-decani' as const, gamma: -4 } }
  const planned = [100, 200, 300, 400]
  const limits = Array.from({ length: 400 }, (_, i) => {
    const looks = planned.filter((each) => each <= i + 1)
    const isPlanned = planned.includes(i + 1)
    return hybridLimits(
      { n: i + 1, informationFractions: isPlanned ? looks.map((each) => each / 400) : [] },
      plan,
    )
  })
  expectSeldom(2000, ALPHA, ({ normal }) => {
    let sum = 0
    return limits.some(({ harm, benefit }, i) => {
      sum += normal()
      const z = sum / Math.sqrt(i + 1)
      return z <= harm || (benefit !== null && z >= benefit)
    })
  })
})

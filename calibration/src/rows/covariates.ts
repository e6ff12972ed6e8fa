import type { RandomStream } from '@fairtrial/sequential'
import {
  addValue,
  cupedDifference,
  emptyMoments,
  isEstimable,
  type JointMoments,
  jointMomentsOf,
  type Moments,
} from '@fairtrial/statistics'
import { near, shareNear } from '../outcome.ts'
import type { Row } from '../row.ts'

const RHO = 0.7
const UNITS = 200

/** One arm's outcomes with what was measured before, correlated by 0.7. */
function armWithHistory({ normal }: RandomStream): JointMoments {
  return jointMomentsOf(
    Array.from({ length: UNITS }, () => {
      const before = normal()
      return [RHO * before + Math.sqrt(1 - RHO * RHO) * normal(), before]
    }),
  )
}

const TRIALS = { full: 20_000, short: 800 }
const source = 'Deng, Xu, Kohavi & Walker 2013'

/** Regression on what was known before. */
export const covariateRows: readonly Row[] = [
  {
    name: 'covariates/variance',
    claim: 'Variance of the CUPED difference over the plain one, correlation 0.7',
    source,
    trials: TRIALS,
    run: ({ trials, random }) => {
      let adjusted: Moments = emptyMoments
      let plain: Moments = emptyMoments
      for (let i = 0; i < trials; i++) {
        const [control, treatment] = [armWithHistory(random), armWithHistory(random)]
        const test = cupedDifference(control, treatment)
        if (!isEstimable(test)) continue
        adjusted = addValue(adjusted, test.difference)
        plain = addValue(plain, treatment.means[0]! - control.means[0]!)
      }
      const ratio = adjusted.m2 / plain.m2
      // Of a ratio of the variances of two series that are correlated by √(1 − ρ²).
      const error = ratio * Math.sqrt((4 * RHO * RHO) / trials)
      return near(ratio, error, 1 - RHO * RHO, 0.02)
    },
  },
  {
    name: 'covariates/coverage',
    claim: `Coverage of its 95 % interval, ${UNITS} units an arm`,
    source,
    trials: TRIALS,
    run: ({ trials, random }) => {
      let hits = 0
      for (let i = 0; i < trials; i++) {
        const test = cupedDifference(armWithHistory(random), armWithHistory(random))
        if (isEstimable(test) && test.interval.lower <= 0 && test.interval.upper >= 0) hits++
      }
      return shareNear({ hits, trials }, 0.95)
    },
  },
]

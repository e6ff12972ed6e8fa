import {
  addBoundedValue,
  adjustedLook,
  anytimeBoundedMean,
  anytimeProportion,
  anytimeQuantile,
  anytimeRegression,
  emptyBoundedMean,
  explicitTuning,
  type RandomStream,
  rareEventTest,
  regressionTuning,
} from '@fairtrial/sequential'
import { emptyJointMoments, isEstimable, jointMomentsOf, mergeJointMoments } from '@fairtrial/statistics'
import { shareAtMost } from '../outcome.ts'
import type { Row } from '../row.ts'

const ALPHA = 0.05
const tuned = (tunedAt: number) => ({ ...explicitTuning({ alpha: ALPHA, tunedAt }), alpha: ALPHA })
/** About twenty looks a decade. */
const isLook = (n: number) => Math.floor(20 * Math.log10(n)) !== Math.floor(20 * Math.log10(n - 1))

interface Sequence {
  readonly name: string
  readonly claim: string
  readonly source: string
  /** Whether a trial has a look that says what is not so. */
  readonly errs: (random: RandomStream) => boolean
  readonly trials: NonNullable<Row['trials']>
}

const excludes = (result: object, truth: number): boolean => {
  if (!('interval' in result)) return false
  const { lower, upper } = result.interval as { lower: number; upper: number }
  return lower > truth || upper < truth
}

const sequences: readonly Sequence[] = [
  {
    name: 'regression',
    claim: 'anytimeRegression with a covariate, looked at after each of 5 to 200 units: ever called',
    source: 'Lindon et al. 2022',
    trials: { full: 5_000, short: 60 },
    errs: ({ normal }) => {
      const options = { ...regressionTuning({ alpha: ALPHA, tunedAt: 50, coefficients: 3 }), alpha: ALPHA }
      const arms = [emptyJointMoments(2), emptyJointMoments(2)]
      for (let n = 1; n <= 200; n++) {
        const covariate = normal()
        arms[n % 2] = mergeJointMoments(arms[n % 2]!, jointMomentsOf([[covariate + normal(), covariate]]))
        if (n < 5) continue
        const look = adjustedLook(arms[0]!, arms[1]!)
        if (!isEstimable(look)) continue
        const estimate = anytimeRegression(look, options)
        if (isEstimable(estimate) && estimate.pValue <= ALPHA) return true
      }
      return false
    },
  },
  {
    name: 'rare-events',
    claim:
      'rareEventTest, twice the exposure in treatment, looked at 50 times in 1,000 events: rate ratio ever missed',
    source: 'Lindon & Malek 2022',
    trials: { full: 10_000, short: 50 },
    errs: ({ uniform }) => {
      let [control, treatment] = [0, 0]
      for (let n = 1; n <= 1_000; n++) {
        if (uniform() < 2 / 3) treatment++
        else control++
        if (!isLook(n)) continue
        const arms = [
          { events: control, exposure: 1 },
          { events: treatment, exposure: 2 },
        ] as const
        if (excludes(rareEventTest(...arms, { alpha: ALPHA }), 1)) return true
      }
      return false
    },
  },
  {
    name: 'proportion',
    claim: 'anytimeProportion of 2 %, looked at 60 times in 2,000 units: ever missed',
    source: 'Howard et al. 2021',
    trials: { full: 10_000, short: 50 },
    errs: ({ uniform }) => {
      let successes = 0
      for (let n = 1; n <= 2_000; n++) {
        if (uniform() < 0.02) successes++
        if (isLook(n) && excludes(anytimeProportion({ successes, n }, tuned(500)), 0.02)) return true
      }
      return false
    },
  },
  {
    name: 'bounded-mean',
    claim: 'anytimeBoundedMean of skewed values in 0 to 1, looked at 50 times in 1,000: ever missed',
    source: 'Howard et al. 2021',
    trials: { full: 10_000, short: 50 },
    errs: ({ uniform }) => {
      let state = emptyBoundedMean(0, 1)
      for (let n = 1; n <= 1_000; n++) {
        state = addBoundedValue(state, uniform() ** 9)
        if (isLook(n) && excludes(anytimeBoundedMean(state, tuned(50)), 0.1)) return true
      }
      return false
    },
  },
  {
    name: 'quantile',
    claim: 'anytimeQuantile of a median, looked at 50 times in 1,000 values: ever missed',
    source: 'Howard & Ramdas 2022',
    trials: { full: 2_000, short: 20 },
    errs: ({ normal }) => {
      const values: number[] = []
      for (let n = 1; n <= 1_000; n++) {
        values.push(normal())
        if (!isLook(n)) continue
        const sorted = values.toSorted((a, b) => a - b)
        if (excludes(anytimeQuantile(sorted, 0.5, tuned(300)), 0)) return true
      }
      return false
    },
  },
]

/** Sequences that are exact from the first value on. */
export const exactSequenceRows: readonly Row[] = sequences.map(({ name, claim, source, errs, trials }) => ({
  name: `exact-sequences/${name}`,
  claim,
  source,
  trials,
  run: ({ trials: count, random }) => {
    let hits = 0
    for (let i = 0; i < count; i++) if (errs(random)) hits++
    return shareAtMost({ hits, trials: count }, ALPHA)
  },
}))

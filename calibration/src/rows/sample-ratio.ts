import { sampleRatioTest } from '@fairtrial/sequential'
import { isEstimable, sampleRatioChiSquare } from '@fairtrial/statistics'
import { binomial } from '../draws.ts'
import { atMost, near, shareAtMost, shareShown } from '../outcome.ts'
import type { Outcome, Row, Setting } from '../row.ts'

const ALPHA = 0.001
const WEIGHTS = [1, 1]
const source = 'Lindon & Malek 2022'

const logBayesFactorOf = (counts: readonly number[]): number => {
  const test = sampleRatioTest([{ counts, weights: WEIGHTS }])
  return isEstimable(test) ? test.logBayesFactor : 0
}

interface Traffic {
  /** Units between two looks, and how many looks. */
  readonly step: number
  readonly looks: number
  /** Chance of a unit to be on the first arm. */
  readonly share?: number
}

/** The number of the first look with an alarm, over trials; infinite where there is none. */
function alarms(
  { trials, random }: Setting,
  { step, looks, share = 0.5 }: Traffic,
  isAlarm: (counts: readonly number[]) => boolean,
): number[] {
  return Array.from({ length: trials }, () => {
    let first = 0
    for (let look = 1; look <= looks; look++) {
      first += binomial(random, step, share)
      if (isAlarm([first, look * step - first])) return look
    }
    return Number.POSITIVE_INFINITY
  })
}

const count = (found: readonly number[]) => ({
  hits: found.filter(Number.isFinite).length,
  trials: found.length,
})
const isBelow = (alpha: number) => (counts: readonly number[]) => logBayesFactorOf(counts) >= -Math.log(alpha)

const fair = (
  [
    ['daily', 0.001, { step: 100_000, looks: 100 }, 'daily up to 10,000,000 units'],
    ['daily-05', 0.05, { step: 100_000, looks: 100 }, 'daily up to 10,000,000 units'],
    ['hourly', 0.001, { step: 20, looks: 1_000 }, 'each 20 units up to 20,000'],
  ] as const
).map(
  ([name, alpha, traffic, when]): Row => ({
    name: `sample-ratio/fair-${name}`,
    claim: `Sample ratio test at ${alpha}, as planned, looked at ${when}: ever alarms`,
    source,
    trials: { full: 50_000, short: 200 },
    run: (setting) => shareAtMost(count(alarms(setting, traffic, isBelow(alpha))), alpha),
  }),
)

const chiSquare: Row = {
  name: 'sample-ratio/chi-square',
  claim: '… a chi-square test at 0.001, looked at daily like that',
  source: 'Pearson 1900',
  trials: { full: 20_000, short: 200 },
  run: (setting) =>
    shareShown(
      count(
        alarms(setting, { step: 100_000, looks: 100 }, (counts) => {
          const test = sampleRatioChiSquare(counts, WEIGHTS)
          return isEstimable(test) && test.pValue < ALPHA
        }),
      ),
    ),
}

const MILLION = 1_000_000
const slight = (setting: Setting) =>
  Float64Array.from({ length: setting.trials }, () => {
    const first = binomial(setting.random, MILLION, 0.5025)
    return logBayesFactorOf([first, MILLION - first])
  }).toSorted()

const slightRows: Row[] = [
  {
    name: 'sample-ratio/slight-median',
    claim: 'Median log Bayes factor of a split of 50.25 : 49.75 at 1,000,000 units',
    source,
    trials: { full: 50_000, short: 5_000 },
    run: (setting) => {
      const sorted = slight(setting)
      const at = (share: number) => sorted[Math.floor(share * sorted.length)]!
      const step = 0.5 / Math.sqrt(sorted.length)
      return near(at(0.5), (at(0.5 + step) - at(0.5 - step)) / 2, 10.05, 0.1)
    },
  },
  {
    name: 'sample-ratio/slight-found',
    claim: '… and how often it is found there, p < 0.001',
    source,
    trials: { full: 50_000, short: 5_000 },
    run: (setting) => {
      const hits = slight(setting).filter((logBayesFactor) => logBayesFactor > -Math.log(ALPHA)).length
      const { measured, error } = shareShown({ hits, trials: setting.trials })
      return near(measured, error, 0.75, 0.01)
    },
  },
]

/** How many units until a loss in one arm is found, by a share of the trials. */
const losses = (
  [
    [0.02, 2_000, 0.5, 170_000],
    [0.02, 2_000, 0.9, 280_000],
    [0.15, 100, 0.5, 6_000],
    [0.15, 100, 0.9, 8_000],
  ] as const
).map(
  ([loss, step, share, most]): Row => ({
    name: `sample-ratio/loss-${100 * loss}-${100 * share}`,
    claim: `Units until ${100 * share} % of trials have found that ${100 * loss} % of one arm is lost`,
    source,
    trials: { full: 4_000, short: 100 },
    run: (setting): Outcome => {
      const traffic = { step, looks: 300, share: 1 / (2 - loss) }
      const found = Float64Array.from(alarms(setting, traffic, isBelow(ALPHA))).toSorted()
      const at = (each: number) => step * found[Math.min(found.length - 1, Math.floor(each * found.length))]!
      const spread = Math.sqrt((share * (1 - share)) / found.length)
      const error = Math.max(step / Math.sqrt(12), (at(share + spread) - at(share - spread)) / 2)
      return atMost(at(share), error, most)
    },
  }),
)

/** The sequential sample ratio test. */
export const sampleRatioRows: readonly Row[] = [...fair, chiSquare, ...slightRows, ...losses]

import {
  createRandom,
  driftForPower,
  groupSequentialBoundaries,
  type StagewiseInference,
  stagewiseInference,
} from '@fairtrial/sequential'
import { near, shareNear, shareShown } from '../outcome.ts'
import type { Row } from '../row.ts'
import { equalFractions, SPENDING } from './designs.ts'

const LOOKS = 5
const bounds = groupSequentialBoundaries({
  informationFractions: equalFractions(LOOKS),
  rule: SPENDING['HSD(-4)'],
  sides: 2,
  alpha: 0.05,
})
const planned = driftForPower(bounds, 0.8)

interface Stop {
  readonly look: number
  readonly z: number
}

/** Trials to their stops, on the scale of the drift: an estimate has the standard error 1/√t. */
function stopsOf(drift: number, trials: number, seed: number): Stop[] {
  const { normal } = createRandom(seed)
  return Array.from({ length: trials }, () => {
    let score = 0
    for (let look = 1; ; look++) {
      score += drift / LOOKS + normal() / Math.sqrt(LOOKS)
      const z = score / Math.sqrt(look / LOOKS)
      if (look === LOOKS || Math.abs(z) >= (bounds.upper[look - 1] ?? Number.POSITIVE_INFINITY)) {
        return { look, z }
      }
    }
  })
}

const infer = ({ look, z }: Stop): StagewiseInference => {
  const standardError = Math.sqrt(LOOKS / look)
  return stagewiseInference(bounds, { look, estimate: z * standardError, standardError })
}

/** The z at a look from which on a number of the inference, which grows with z, is above the drift. */
function thresholds(drift: number, read: (inference: StagewiseInference) => number): number[] {
  return Array.from({ length: LOOKS }, (_, i) => {
    let [low, high] = [-12, 12]
    while (high - low > 1e-7) {
      const middle = (low + high) / 2
      if (read(infer({ look: i + 1, z: middle })) > drift) high = middle
      else low = middle
    }
    return high
  })
}

/** How many stops have a number of the inference above the drift. */
function countAbove(stops: readonly Stop[], drift: number, read: (inference: StagewiseInference) => number) {
  const from = thresholds(drift, read)
  return stops.reduce((count, { look, z }) => count + (z > from[look - 1]! ? 1 : 0), 0)
}

/** Stage-wise order, the least first: a lower bound crossed early, …, the last look by z, …, an upper bound crossed early. */
function byStage(a: Stop, b: Stop): number {
  const rank = ({ look, z }: Stop) => (look === LOOKS ? 0 : Math.sign(z) * (LOOKS - look))
  return rank(a) - rank(b) || a.z - b.z
}

const EFFECTS = { 'no effect': 0, 'the effect planned for': planned, 'twice that': 2 * planned }
const TRIALS = { full: 200_000, short: 10_000 }
const source = 'Tsiatis, Rosner & Mehta 1984'

const coverage = Object.entries(EFFECTS).flatMap(([effect, drift], i): Row[] => [
  {
    name: `after-stopping/coverage-${i}`,
    claim: `Coverage of the stage-wise 95 % interval after stopping, ${effect}`,
    source,
    trials: TRIALS,
    run: ({ trials, seed }) => {
      const stops = stopsOf(drift, trials, seed)
      const tooHigh = countAbove(stops, drift, ({ interval }) => interval.lower)
      const notTooLow = countAbove(stops, drift, ({ interval }) => interval.upper)
      return shareNear({ hits: notTooLow - tooHigh, trials }, 0.95)
    },
  },
  {
    name: `after-stopping/naive-coverage-${i}`,
    claim: `… of a fixed test's interval at the stop, for comparison`,
    source,
    trials: TRIALS,
    run: ({ trials, seed }) => {
      const stops = stopsOf(drift, trials, seed)
      const isCovered = ({ look, z }: Stop) => Math.abs(z - drift * Math.sqrt(look / LOOKS)) <= 1.959964
      return shareShown({ hits: stops.filter(isCovered).length, trials })
    },
  },
  {
    name: `after-stopping/median-${i}`,
    claim: `How often the median-unbiased estimate is too large, ${effect}`,
    source,
    trials: TRIALS,
    run: ({ trials, seed }) => {
      const hits = countAbove(stopsOf(drift, trials, seed), drift, ({ medianUnbiased }) => medianUnbiased)
      return shareNear({ hits, trials }, 0.5)
    },
  },
])

const bias = Object.entries(EFFECTS)
  .slice(1)
  .flatMap(([effect, drift], i): Row[] => [
    {
      name: `after-stopping/median-bias-${i + 1}`,
      claim: `Median of the median-unbiased estimate over the effect, less 1; ${effect}`,
      source,
      trials: { full: 1_000_000, short: 10_000 },
      run: ({ trials, seed }) => {
        const sorted = stopsOf(drift, trials, seed).toSorted(byStage)
        const at = (share: number) => infer(sorted[Math.floor(share * trials)]!).medianUnbiased / drift - 1
        // One standard error of a median, as a range of ranks.
        const step = 0.5 / Math.sqrt(trials)
        return near(at(0.5), (at(0.5 + step) - at(0.5 - step)) / 2, 0, 0.005)
      },
    },
    {
      name: `after-stopping/naive-bias-${i + 1}`,
      claim: `Mean of the estimate at the stop over the effect, less 1; ${effect}`,
      source,
      trials: TRIALS,
      run: ({ trials, seed }) => {
        let sum = 0
        let squares = 0
        for (const { look, z } of stopsOf(drift, trials, seed)) {
          const excess = (z * Math.sqrt(LOOKS / look)) / drift - 1
          sum += excess
          squares += excess * excess
        }
        const mean = sum / trials
        return { measured: mean, error: Math.sqrt((squares / trials - mean * mean) / trials) }
      },
    },
  ])

/** What is said after a group-sequential trial has stopped. */
export const afterStoppingRows: readonly Row[] = [...coverage, ...bias]

import {
  anytimeEstimate,
  exitProbabilities,
  explicitTuning,
  normalMixtureMultiplier,
  type RandomStream,
  simulatePaths,
} from '@fairtrial/sequential'
import { isEstimable, normalQuantile, welch } from '@fairtrial/statistics'
import { armOf, type GrowingArm, lognormal, rateArm } from '../draws.ts'
import { near, shareAtLeast, shareAtMost, shareNear } from '../outcome.ts'
import type { Row } from '../row.ts'
import { equalFractions } from './designs.ts'

const ALPHA = 0.05
const source = 'Howard, Ramdas, McAuliffe & Sekhon 2021; Waudby-Smith et al. 2024'

/** Standard deviations of a step that chance does not exceed in 1e13 steps: looks that a stride leaves out saw nothing. */
const OUT_OF_REACH = 7.5

/**
 * Whether a sum of standard normal values is ever outside its sequence, looked at after every value from `first` to
 * `last`. As long as the bound, which only moves away, is far, the values up to the next look are drawn as one.
 */
function everCrosses({ normal }: RandomStream, rho: number, first: number, last: number): boolean {
  const options = { alpha: ALPHA, rho }
  let n = first
  let sum = Math.sqrt(first) * normal()
  for (;;) {
    const reach = Math.sqrt(n) * normalMixtureMultiplier(n, options)
    if (Math.abs(sum) >= reach) return true
    if (n >= last) return false
    const stride = Math.floor(((reach - Math.abs(sum)) / OUT_OF_REACH) ** 2)
    const step = Math.min(Math.max(1, stride), last - n)
    n += step
    sum += Math.sqrt(step) * normal()
  }
}

const everyN: Row = {
  name: 'anytime/every-n',
  claim: 'No effect, normal values, looked at after each of 100 to 1,000,000: ever called',
  source,
  trials: { full: 200_000, short: 1_500 },
  run: ({ trials, random }) => {
    const { rho } = explicitTuning({ alpha: ALPHA, tunedAt: 10_000 })
    let hits = 0
    for (let i = 0; i < trials; i++) if (everCrosses(random, rho, 100, 1_000_000)) hits++
    return shareAtMost({ hits, trials }, ALPHA)
  },
}

const PER_LOOK = 500
const LOOKS = 200

/** Data that a normal approximation has a hard time with, from the first look on. */
const HARD = {
  'rates of 1 %': (random: RandomStream) => rateArm(random, 0.01),
  'rates of 0.1 %': (random: RandomStream) => rateArm(random, 0.001),
  'lognormal values of sd 2': (random: RandomStream) => armOf(random, lognormal(2)),
} satisfies Record<string, (random: RandomStream) => GrowingArm>

const hard = Object.entries(HARD).map(
  ([data, arm], i): Row => ({
    name: `anytime/${['rate-1', 'rate-01', 'lognormal'][i]}`,
    claim: `No effect, ${data}, looked at each 500 units an arm up to 100,000: ever called`,
    source,
    trials: { full: 20_000, short: i === 2 ? 40 : 500 },
    run: ({ trials, random }) => {
      const options = { alpha: ALPHA, ...explicitTuning({ alpha: ALPHA, tunedAt: 10_000 }) }
      let hits = 0
      for (let trial = 0; trial < trials; trial++) {
        const arms = [arm(random), arm(random)] as const
        for (let look = 0; look < LOOKS; look++) {
          for (const each of arms) each.grow(PER_LOOK)
          const [control, treatment] = [arms[0].moments(), arms[1].moments()]
          const test = welch(control, treatment)
          if (!isEstimable(test)) continue
          const { difference: estimate, standardError } = test
          const now = anytimeEstimate({ estimate, standardError, n: control.n + treatment.n }, options)
          if (!isEstimable(now) || now.pValue > ALPHA) continue
          hits++
          break
        }
      }
      return shareAtMost({ hits, trials }, ALPHA)
    },
  }),
)

/** The multipliers of a sequence at 14 even looks up to `most` times the units of a fixed test, at which it is tuned. */
function sequenceAt(most: number, tunedAt: number) {
  const informationFractions = equalFractions(14)
  const options = { alpha: ALPHA, ...explicitTuning({ alpha: ALPHA, tunedAt }) }
  const upper = informationFractions.map((t) => normalMixtureMultiplier(t * most, options))
  return { informationFractions, upper, lower: upper.map((z) => -z) }
}

/** Mean of Z with the units of a fixed test of 80 % power. */
const FIXED_DRIFT = normalQuantile(0.8) - normalQuantile(ALPHA / 2)

const MOST = 1.76
const price: Row[] = [
  {
    name: 'anytime/power',
    claim: 'Power at 14 looks up to 1.76 times the units of a fixed test of 80 %, tuned at the last',
    source: 'GAVI (Eppo)',
    trials: { full: 200_000, short: 10_000 },
    run: ({ trials, seed }) => {
      const drift = Math.sqrt(MOST) * FIXED_DRIFT
      const { power } = simulatePaths(sequenceAt(MOST, MOST), { paths: trials, seed, drift })
      return shareAtLeast({ hits: Math.round(power * trials), trials }, 0.8)
    },
  },
  {
    name: 'anytime/mean-units',
    claim: '… and the units on average, times those of the fixed test',
    source: 'GAVI (Eppo)',
    trials: { full: 200_000, short: 10_000 },
    run: ({ trials, seed }) => {
      const drift = Math.sqrt(MOST) * FIXED_DRIFT
      const simulated = simulatePaths(sequenceAt(MOST, MOST), { paths: trials, seed, drift })
      const error = MOST * simulated.standardErrors.expectedInformation
      return near(MOST * simulated.expectedInformation, error, 1.164, 0.001)
    },
  },
  {
    name: 'anytime/power-same-units',
    claim: '… and its power with no more units than the fixed test',
    source: 'GAVI (Eppo)',
    trials: { full: 200_000, short: 10_000 },
    run: ({ trials, seed }) => {
      const bounds = sequenceAt(1, 1)
      const { power } = simulatePaths(bounds, { paths: trials, seed, drift: FIXED_DRIFT })
      const nominal = exitProbabilities(bounds, FIXED_DRIFT).power
      return shareNear({ hits: Math.round(power * trials), trials }, nominal)
    },
  },
]

/** What a confidence sequence promises at any look, and what it costs. */
export const anytimeRows: readonly Row[] = [everyN, ...hard, ...price]

import {
  driftForPower,
  futilityBoundaries,
  groupSequentialBoundaries,
  inflationFactor,
  simulatePaths,
  type StoppingBounds,
} from '@fairtrial/sequential'
import { normalQuantile } from '@fairtrial/statistics'
import { atMost, near, shareAtMost, shareNear } from '../outcome.ts'
import { errorByRecursion } from '../recursion.ts'
import type { Row } from '../row.ts'
import { equalFractions, SLUGS, SPENDING, type SpendingName } from './designs.ts'

const ALPHA = 0.05
const MOST_LOOKS = 28
const FULL = { full: 280_000, short: 14_000 }
const names = Object.keys(SPENDING) as SpendingName[]

const boundsOf = (name: SpendingName, informationFractions: readonly number[]) =>
  groupSequentialBoundaries({ informationFractions, rule: SPENDING[name], sides: 2, alpha: ALPHA })

const daily = (name: SpendingName) => boundsOf(name, equalFractions(14))

/** Looks at random, none before 1 % of the information and no two closer than that. */
function randomFractions(looks: number, uniform: () => number): number[] {
  const gaps = Array.from({ length: looks }, () => -Math.log(1 - uniform()))
  const total = gaps.reduce((sum, gap) => sum + gap, 0)
  const least = 0.01
  let fraction = 0
  const fractions = gaps.map((gap) => (fraction += least + (1 - looks * least) * (gap / total)))
  return [...fractions.slice(0, -1), 1]
}

const SPACINGS = {
  equal: (looks: number) => equalFractions(looks),
  random: (looks: number, uniform: () => number) => randomFractions(looks, uniform),
}

const stopped = ({ upper, lower }: { upper: readonly number[]; lower: readonly number[] }) =>
  [...upper, ...lower].reduce((sum, share) => sum + share, 0)

/** How often one of the bounds is crossed. */
function simulate(bounds: StoppingBounds, trials: number, seed: number, drift = 0) {
  const simulated = simulatePaths(bounds, { paths: trials, seed, drift })
  return { ...simulated, hits: Math.round(stopped(simulated) * trials), trials }
}

const typeOne = (['equal', 'random'] as const).flatMap((spacing): Row[] =>
  names.map((name) => ({
    name: `group-sequential/type-1-${SLUGS[name]}-${spacing}`,
    claim: `Type I error of ${name}, designs of 1 to 28 looks at ${spacing} fractions`,
    source: 'Lan & DeMets 1983',
    trials: FULL,
    run: ({ trials, random, seed }) => {
      let hits = 0
      const each = Math.floor(trials / MOST_LOOKS)
      for (let looks = 1; looks <= MOST_LOOKS; looks++) {
        const bounds = boundsOf(name, SPACINGS[spacing](looks, random.uniform))
        hits += simulate(bounds, each, seed + looks).hits
      }
      return shareNear({ hits, trials: each * MOST_LOOKS }, ALPHA)
    },
  })),
)

const exact = (['equal', 'random'] as const).map(
  (spacing): Row => ({
    name: `group-sequential/type-1-recursion-${spacing}`,
    claim: `Largest |type I error − 0.05| of all four by a recursion, 2, 7, 14 and 28 looks at ${spacing} fractions`,
    source: 'Armitage, McPherson & Rowe 1969',
    run: ({ random }) => {
      let worst = 0
      for (const name of names) {
        for (const looks of [2, 7, 14, 28]) {
          const bounds = boundsOf(name, SPACINGS[spacing](looks, random.uniform))
          worst = Math.max(worst, Math.abs(errorByRecursion(bounds) - ALPHA))
        }
      }
      return atMost(worst, 0, 1e-6)
    },
  }),
)

const power = names.flatMap((name): Row[] =>
  [0.8, 0.9].map((planned) => ({
    name: `group-sequential/power-${SLUGS[name]}-${100 * planned}`,
    claim: `Power of ${name}, 14 looks, at the drift planned for ${100 * planned} %`,
    source: 'driftForPower',
    trials: { full: 200_000, short: 10_000 },
    run: ({ trials, seed }) => {
      const bounds = daily(name)
      const simulated = simulate(bounds, trials, seed, driftForPower(bounds, planned))
      return shareNear({ hits: Math.round(simulated.power * trials), trials }, planned)
    },
  })),
)

/** Largest and mean sample size, over a fixed test's, 14 looks, 80 % power: what the claim says each is at most. */
const PRICES: Record<SpendingName, readonly [most: number, mean: number]> = {
  'HSD(-4)': [1.04, 0.78],
  'LD-OBF': [1.045, 0.79],
  'Kim-DeMets t²': [1.09, 0.76],
  'LD-Pocock': [1.26, 0.78],
}

const prices = names.flatMap((name): Row[] => [
  {
    name: `group-sequential/most-units-${SLUGS[name]}`,
    claim: `Units at most under ${name}, 14 looks, 80 % power, times a fixed test's`,
    source: 'Jennison & Turnbull 2000, chapter 2',
    run: () => atMost(inflationFactor(daily(name), 0.8), 0, PRICES[name][0]),
  },
  {
    name: `group-sequential/mean-units-${SLUGS[name]}`,
    claim: `Units on average under ${name} if the effect is real, times a fixed test's`,
    source: 'Jennison & Turnbull 2000, chapter 2',
    trials: { full: 200_000, short: 10_000 },
    run: ({ trials, seed }) => {
      const bounds = daily(name)
      const inflation = inflationFactor(bounds, 0.8)
      const { expectedInformation, standardErrors } = simulatePaths(bounds, {
        paths: trials,
        seed,
        drift: driftForPower(bounds, 0.8),
      })
      const error = inflation * standardErrors.expectedInformation
      return atMost(inflation * expectedInformation, error, PRICES[name][1])
    },
  },
])

const naive = (
  [
    [5, 0.1417],
    [14, 0.2196],
    [60, 0.3346],
  ] as const
).map(
  ([looks, called]): Row => ({
    name: `group-sequential/naive-peeking-${looks}`,
    claim: `Type I error of a fixed test at 5 %, looked at ${looks} times`,
    source: 'Armitage, McPherson & Rowe 1969',
    trials: { full: 200_000, short: 10_000 },
    run: ({ trials, seed }) => {
      const upper = Array.from({ length: looks }, () => -normalQuantile(ALPHA / 2))
      const bounds = { informationFractions: equalFractions(looks), upper, lower: upper.map((z) => -z) }
      return shareNear(simulate(bounds, trials, seed), called)
    },
  }),
)

const futile = (isBinding: boolean) =>
  futilityBoundaries({
    informationFractions: equalFractions(5),
    alphaSpending: SPENDING['LD-OBF'],
    betaSpending: { type: 'hwang-shih-decani', gamma: -2 },
    alpha: 0.025,
    beta: 0.2,
    isBinding,
  })

const futility: Row[] = [
  {
    name: 'group-sequential/futility-ignored',
    claim: 'One-sided type I error where non-binding futility is ignored, 5 looks, OBF and HSD(-2)',
    source: 'Pampallona, Tsiatis & Kim 2001',
    trials: { full: 400_000, short: 10_000 },
    run: ({ trials, seed }) => {
      const { informationFractions, upper } = futile(false)
      return shareAtMost(simulate({ informationFractions, upper }, trials, seed), 0.025)
    },
  },
  {
    name: 'group-sequential/futility-mean-units',
    claim: 'Mean units where there is no effect, the same design with binding futility',
    source: "gsDesign 3.11, reference case gs-futility-019: its mean over a fixed test's",
    trials: { full: 200_000, short: 10_000 },
    run: ({ trials, seed }) => {
      const bounds = futile(true)
      const { expectedInformation, standardErrors } = simulatePaths(bounds, { paths: trials, seed })
      const { inflation } = bounds
      const error = inflation * standardErrors.expectedInformation
      return near(inflation * expectedInformation, error, 0.55705924)
    },
  },
  {
    name: 'group-sequential/futility-power',
    claim: 'Its power where non-binding futility is heeded',
    source: 'Pampallona, Tsiatis & Kim 2001',
    trials: { full: 200_000, short: 10_000 },
    run: ({ trials, seed }) => {
      const bounds = futile(false)
      const { power } = simulatePaths(bounds, { paths: trials, seed, drift: bounds.drift })
      return shareNear({ hits: Math.round(power * trials), trials }, 0.8)
    },
  },
]

/** What a design with alpha spending promises, and what naive peeking costs. */
export const groupSequentialRows: readonly Row[] = [
  ...naive,
  ...typeOne,
  ...exact,
  ...power,
  ...prices,
  ...futility,
]

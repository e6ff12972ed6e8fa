import { checkBounds, checkDrift, type StoppingBounds } from '../group-sequential/bounds.ts'
import type { ExitProbabilities } from '../group-sequential/exit-probabilities.ts'
import { createRandom } from './random.ts'

/** How trials are simulated. */
export interface PathOptions {
  /** How many, a whole number above 0. 200,000 tell a share of 5 % to ± 0.16 points. */
  readonly paths: number
  /** The same seed, the same answer. */
  readonly seed: number
  /** Mean of Z at full information. 0, the default: no effect. */
  readonly drift?: number
}

/** What became of simulated trials: as {@link ExitProbabilities}, each number with its Monte-Carlo error. */
export interface SimulatedPaths extends ExitProbabilities {
  /** Standard errors, by the same names. */
  readonly standardErrors: ExitProbabilities
  readonly paths: number
  /** Looks taken in all trials together. */
  readonly looks: number
}

/**
 * Where and when trials end, by simulation: scores B(t) are drawn from look to look, and a trial ends where Z = B/√t
 * meets a bound. Bounds from anywhere: group-sequential ones, a fixed test's at every look, the multipliers of a
 * confidence sequence. `exitProbabilities` has the same to twelve digits for up to some fifty looks; this one takes
 * thousands. Lower bounds stop, binding or not: leave them out to see what happens when they are overruled.
 *
 * @throws RangeError when the bounds are none, or paths, seed or drift no such number
 */
export function simulatePaths(
  bounds: StoppingBounds,
  { paths, seed, drift = 0 }: PathOptions,
): SimulatedPaths {
  checkBounds(bounds)
  checkDrift(drift)
  if (!(Number.isSafeInteger(paths) && paths > 0)) {
    throw new RangeError(`paths is ${paths}: give a whole number above 0, as 200000`)
  }
  const { informationFractions: fractions } = bounds
  const roots = fractions.map(Math.sqrt)
  const steps = Float64Array.from(fractions, (fraction, i) => fraction - (fractions[i - 1] ?? 0))
  const shifts = steps.map((step) => drift * step)
  const spreads = steps.map(Math.sqrt)
  const tops = Float64Array.from(roots, (root, i) => (bounds.upper[i] ?? Number.POSITIVE_INFINITY) * root)
  const bottoms = Float64Array.from(
    roots,
    (root, i) => (bounds.lower?.[i] ?? Number.NEGATIVE_INFINITY) * root,
  )
  const up = new Float64Array(fractions.length)
  const down = new Float64Array(fractions.length)
  const { normal } = createRandom(seed)
  for (let path = 0; path < paths; path++) {
    let score = 0
    for (let look = 0; look < steps.length; look++) {
      score += shifts[look]! + spreads[look]! * normal()
      if (score >= tops[look]!) {
        up[look]! += 1
        break
      }
      if (score <= bottoms[look]!) {
        down[look]! += 1
        break
      }
    }
  }
  return describe(fractions, up, down, paths)
}

/** Counts of ends, as shares with their errors. */
function describe(
  fractions: readonly number[],
  up: Float64Array,
  down: Float64Array,
  paths: number,
): SimulatedPaths {
  const errorOf = (share: number) => Math.sqrt((share * (1 - share)) / paths)
  const upper = Array.from(up, (count) => count / paths)
  const lower = Array.from(down, (count) => count / paths)
  const power = up.reduce((sum, each) => sum + each, 0) / paths
  // All trials that cross nothing end at the last look.
  const ends = up.map((each, look) => each + down[look]!)
  ends[ends.length - 1]! += paths - ends.reduce((sum, each) => sum + each, 0)
  const mean = (of: (look: number) => number) =>
    ends.reduce((sum, count, look) => sum + count * of(look), 0) / paths
  const expectedInformation = mean((look) => fractions[look]!)
  const variance = mean((look) => (fractions[look]! - expectedInformation) ** 2)
  return {
    upper,
    lower,
    power,
    expectedInformation,
    standardErrors: {
      upper: upper.map(errorOf),
      lower: lower.map(errorOf),
      power: errorOf(power),
      expectedInformation: Math.sqrt(variance / paths),
    },
    paths,
    looks: Math.round(mean((look) => look + 1) * paths),
  }
}

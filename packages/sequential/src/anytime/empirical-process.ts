import { monotoneRoot } from '../group-sequential/monotone-root.ts'
import { lowestPoint } from './lowest-point.ts'
import { checkAlpha, checkPositive } from './tuning.ts'

/** What a boundary on the whole distribution is made for. */
export interface EmpiricalProcessOptions {
  readonly alpha: number
  /** Number of values from which on it holds, at least 1; before it nothing is said. */
  readonly tunedFrom: number
  /** The constant before the root, above √½; 0.85 by default. Smaller is narrower late and wider early. */
  readonly factor?: number
}

/**
 * How far the empirical distribution function of n independent values may lie from the true one, at every point and
 * every n from `tunedFrom` on, with error alpha for all of them: A √((ln(1 + ln(n/m)) + C)/n), with the smallest C that
 * alpha allows. Infinite before `tunedFrom` (Howard & Ramdas, Sequential estimation of quantiles, Bernoulli 28, 2022).
 */
export function empiricalProcessBound(
  n: number,
  { alpha, tunedFrom, factor = 0.85 }: EmpiricalProcessOptions,
): number {
  checkAlpha(alpha)
  checkPositive('n', n, 'give the number of values')
  if (!(tunedFrom >= 1 && Number.isFinite(tunedFrom))) {
    throw new RangeError(`tunedFrom is ${tunedFrom}: give the number of values from which on, 1 or more`)
  }
  if (!(factor > LEAST_FACTOR && Number.isFinite(factor))) {
    throw new RangeError(`factor is ${factor}: give a number above ${LEAST_FACTOR}, as 0.85`)
  }
  if (n < tunedFrom) return Number.POSITIVE_INFINITY
  return factor * Math.sqrt((Math.log1p(Math.log(n / tunedFrom)) + smallestConstant(alpha, factor)) / n)
}

/** √½ with room for the ratio of epochs, which must lie above 1. */
const LEAST_FACTOR = 0.7072

function smallestConstant(alpha: number, factor: number): number {
  const excess = (logC: number) => smallestLogError(Math.exp(logC), factor) - Math.log(alpha)
  return Math.exp(monotoneRoot(excess, 1, 3))
}

/** ln of 4 e^(−γ²C) (1 + 1/((γ² − 1) ln η)), γ² = (2/η)(A − √(2(η − 1)/C))², at the best ratio η of epochs. */
function smallestLogError(C: number, factor: number): number {
  const logError = (beyond: number) => {
    const gap = factor - Math.sqrt((2 * beyond) / C)
    const gammaSquared = (2 / (1 + beyond)) * gap * gap
    if (!(gap > 0 && gammaSquared > 1)) return Number.POSITIVE_INFINITY
    return Math.log(4) - gammaSquared * C + Math.log1p(1 / ((gammaSquared - 1) * Math.log1p(beyond)))
  }
  // γ² falls to 1 at the largest η that can be had; beyond = η − 1.
  const room = (beyond: number) => factor - Math.sqrt((1 + beyond) / 2) - Math.sqrt((2 * beyond) / C)
  return logError(lowestPoint(logError, 0, monotoneRoot(room, 0, 2 * factor * factor)))
}

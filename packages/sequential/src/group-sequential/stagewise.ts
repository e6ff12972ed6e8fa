import { type Interval, type LevelOptions, normalQuantile } from '@fairtrial/statistics'
import { bindingBounds, checkBounds, crossings, type StoppingBounds, walk } from './bounds.ts'
import { probit } from './drift.ts'
import { monotoneRoot } from './monotone-root.ts'
import { tailBeyond } from './paths.ts'

/** Where a trial stopped, and with what estimate. */
export interface Stop {
  /** Number of the look, from 1. */
  readonly look: number
  /** The estimate at that look, as a fixed test would give it. */
  readonly estimate: number
  readonly standardError: number
}

/** What may be said after a group-sequential stop. */
export interface StagewiseInference {
  /** One-sided p-value of "no increase". */
  readonly pValue: number
  /** Two-sided p-value of "no effect". */
  readonly twoSidedPValue: number
  /** As likely too large as too small, whatever the effect. The estimate at the stop itself is too large on average. */
  readonly medianUnbiased: number
  readonly interval: Interval
}

/**
 * P-value, estimate and interval for a trial that has stopped, at a bound or at its last look, by the stage-wise
 * ordering: an upper bound crossed earlier is more extreme, at the same look a larger z (Tsiatis, Rosner & Mehta,
 * Biometrics 40, 1984; Jennison & Turnbull 2000, chapter 8). It needs no looks beyond the stop, and agrees with the
 * bounds: at level 1 − alpha (two-sided) or 1 − 2 alpha (one-sided) the interval leaves 0 when an upper bound is crossed.
 *
 * Lower bounds that are not binding are ignored.
 */
export function stagewiseInference(
  bounds: StoppingBounds,
  stop: Stop,
  { level = 0.95 }: LevelOptions = {},
): StagewiseInference {
  checkBounds(bounds)
  checkStop(bounds, stop)
  if (!(level > 0 && level < 1))
    throw new RangeError(`level is ${level}: give a confidence level below 1, as 0.95`)
  const { look, estimate, standardError } = stop
  const z = estimate / standardError
  const root = Math.sqrt(bounds.informationFractions[look - 1]!)
  const past = upTo(bindingBounds(bounds), look)
  // One standard error of the estimate is 1/√t of drift.
  const effectOf = (drift: number) => drift * root * standardError
  const effectWhere = (direction: 1 | -1, tail: number) => {
    const target = normalQuantile(tail)
    const excess = (drift: number) => probit(tailsAt(past, z, drift)[direction]) - target
    const naive = (z + direction * target) / root
    return effectOf(monotoneRoot(excess, naive - 0.5 / root, naive + 0.5 / root))
  }
  const underNull = tailsAt(past, z, 0)
  return {
    pValue: underNull[1],
    twoSidedPValue: Math.min(1, 2 * underNull[1], 2 * underNull[-1]),
    medianUnbiased: effectWhere(1, 0.5),
    interval: {
      level,
      lower: effectWhere(1, (1 - level) / 2),
      upper: effectWhere(-1, (1 - level) / 2),
    },
  }
}

/** Probabilities of an outcome at least as extreme as z at the last look, upwards and downwards; they add up to 1. */
function tailsAt(past: StoppingBounds, z: number, drift: number): Record<1 | -1, number> {
  const tails = { 1: 0, [-1]: 0 }
  walk(past, drift, (look) => {
    const isStop = look.index === past.informationFractions.length - 1
    for (const direction of [1, -1] as const) {
      tails[direction] += isStop
        ? tailBeyond(look.before, look.fraction, z * Math.sqrt(look.fraction), drift, direction)
        : crossings(look, drift, direction)
    }
  })
  return tails
}

function upTo({ informationFractions, upper, lower }: StoppingBounds, look: number): StoppingBounds {
  return {
    informationFractions: informationFractions.slice(0, look),
    upper: upper.slice(0, look),
    ...(lower && { lower: lower.slice(0, look) }),
  }
}

function checkStop(bounds: StoppingBounds, { look, estimate, standardError }: Stop): void {
  const looks = bounds.informationFractions.length
  if (!(Number.isInteger(look) && look >= 1 && look <= looks)) {
    throw new RangeError(
      `look is ${look}: give the number of the look at which the trial stopped, 1 to ${looks}`,
    )
  }
  checkEstimate(estimate, standardError)
}

/** Throws unless there is an estimate with a spread. */
export function checkEstimate(estimate: number, standardError: number): void {
  if (!Number.isFinite(estimate)) throw new RangeError(`estimate is ${estimate}: give a finite number`)
  if (!(standardError > 0 && Number.isFinite(estimate / standardError))) {
    throw new RangeError(`standardError is ${standardError}: give a finite number above 0`)
  }
}

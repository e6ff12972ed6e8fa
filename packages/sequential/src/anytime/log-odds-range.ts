import { monotoneRoot } from '../group-sequential/monotone-root.ts'

/** Beyond these log odds a share and its complement do not both fit in a double. */
const EXTREME = 700

/**
 * The log odds around those of `a` to `b` within which an excess of evidence is negative. The excess is a function of a
 * share and of 1 minus that share, each with all its digits; an end without a root is infinite.
 */
export function logOddsRange(
  a: number,
  b: number,
  excess: (share: number, rest: number) => number,
): { readonly lower: number; readonly upper: number } {
  const at = (w: number) => {
    const odds = Math.exp(-Math.abs(w))
    const [near, far] = [1 / (1 + odds), odds / (1 + odds)]
    return w > 0 ? excess(near, far) : excess(far, near)
  }
  const best = Math.min(EXTREME, Math.max(-EXTREME, Math.log(a) - Math.log(b)))
  const end = (sign: 1 | -1) => {
    if (sign * best === EXTREME || at(sign * EXTREME) < 0) return sign * Number.POSITIVE_INFINITY
    let step = 1
    while (Math.abs(best + sign * step) < EXTREME && at(best + sign * step) < 0) step *= 2
    const far = sign * Math.min(EXTREME, sign * best + step)
    return monotoneRoot(at, Math.min(best, far), Math.max(best, far))
  }
  return {
    lower: a === 0 ? Number.NEGATIVE_INFINITY : end(-1),
    upper: b === 0 ? Number.POSITIVE_INFINITY : end(1),
  }
}

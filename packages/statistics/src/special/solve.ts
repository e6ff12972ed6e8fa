/** A function's value and slope at a point. */
export interface ValueAndSlope {
  readonly value: number
  readonly slope: number
}

/**
 * The root of a decreasing function, by Newton's steps from `start`, kept inside the bracket that the signs
 * seen so far leave open; a step that leaves the bracket, or goes nowhere, is replaced by halving it.
 */
export function solveDecreasing(f: (w: number) => ValueAndSlope, start: number): number {
  let lower = Number.NEGATIVE_INFINITY
  let upper = Number.POSITIVE_INFINITY
  let w = start
  let reach = 1
  for (let i = 0; i < 200; i++) {
    const { value, slope } = f(w)
    if (value === 0) return w
    if (value > 0) lower = w
    else upper = w
    let next = w - value / slope
    if (!(next > lower && next < upper)) {
      if (lower === Number.NEGATIVE_INFINITY) next = upper - reach
      else if (upper === Number.POSITIVE_INFINITY) next = lower + reach
      else next = lower + (upper - lower) / 2
      reach *= 2
    }
    if (Math.abs(next - w) <= 1e-16 * Math.abs(w) || next === lower || next === upper) return next
    w = next
  }
  return w
}

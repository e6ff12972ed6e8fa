/**
 * The root of a monotone function between `low` and `high`, or outside: an end that is on the wrong side is moved
 * away, twice as far each time. Chandrupatla's hybrid of inverse quadratic interpolation and bisection (Advances in
 * Engineering Software 28, 1997). Values may be infinite; NaN is an error of the caller.
 */
export function monotoneRoot(f: (x: number) => number, low: number, high: number): number {
  let a = low
  let b = high
  let fa = f(a)
  let fb = f(b)
  for (let widening = 0; fa * fb > 0; widening++) {
    if (widening === 60) throw new RangeError(`no root: the function is ${fa} at ${a} and ${fb} at ${b}`)
    const width = b - a
    if (Math.abs(fa) < Math.abs(fb)) {
      b = a
      fb = fa
      a -= 2 * width
      fa = f(a)
    } else if (Math.abs(fa) > Math.abs(fb)) {
      a = b
      fa = fb
      b += 2 * width
      fb = f(b)
    } else {
      // A plateau, where the values do not tell the way.
      a -= width
      fa = f(a)
      b += width
      fb = f(b)
    }
  }
  let share = 0.5
  let c = a
  let fc = fa
  for (let i = 0; i < 200; i++) {
    const x = a + share * (b - a)
    const fx = f(x)
    if (Math.sign(fx) === Math.sign(fa)) {
      c = a
      fc = fa
    } else {
      c = b
      fc = fb
      b = a
      fb = fa
    }
    a = x
    fa = fx
    const [best, fBest] = Math.abs(fa) < Math.abs(fb) ? [a, fa] : [b, fb]
    const tolerance = 2e-16 * Math.abs(best) + 1e-14
    const limit = tolerance / Math.abs(b - c)
    if (fBest === 0 || limit > 0.5) return best
    const xi = (a - b) / (c - b)
    const phi = (fa - fb) / (fc - fb)
    share = 0.5
    if (phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi) {
      share = (fa / (fb - fa)) * (fc / (fb - fc)) + ((c - a) / (b - a)) * (fa / (fc - fa)) * (fb / (fc - fb))
    }
    share = Math.min(1 - limit, Math.max(limit, share))
  }
  return a
}

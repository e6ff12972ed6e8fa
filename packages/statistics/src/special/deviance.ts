/**
 * x ln(x / m) + m − x for x, m > 0: half the deviance of a Poisson count x from its mean m; never negative.
 *
 * Where x is near m the terms cancel, so a series in (x − m)/(x + m) is used there. Give `difference` when
 * x − m is known better than its two terms are (C. Loader, 2000).
 */
export function deviance(x: number, m: number, difference: number = x - m): number {
  if (Math.abs(difference) < 0.1 * (x + m)) {
    const v = difference / (x + m)
    let sum = difference * v
    let term = 2 * x * v
    for (let j = 1; j < 1000; j++) {
      term *= v * v
      const next = sum + term / (2 * j + 1)
      if (next === sum) return next
      sum = next
    }
  }
  return x * Math.log(x / m) - difference
}

import { normalSf } from '../normal.ts'
import { integrate } from '../special/gauss-legendre.ts'
import { stirlingError } from '../special/log-gamma.ts'

/**
 * P(T > t) of the noncentral t distribution with a shift: ∫ P(Z > t s − shift) f(s) ds over the distribution of
 * s = √(χ²/df), in ln s. A sum of positive terms, so that small tails keep their digits; relative error near 1e-12.
 */
export function noncentralTSf(t: number, df: number, shift: number): number {
  if (df === Number.POSITIVE_INFINITY) return normalSf(t - shift)
  const half = df / 2
  const logScale = Math.LN2 + 0.5 * Math.log(half / (2 * Math.PI)) - stirlingError(half)
  // E. B. Wilson & M. Hilferty's cube root puts the panels where the mass is; below it the density is a power of s.
  const spread = 2 / (9 * df)
  const breaks: number[] = []
  for (let z = -9; z <= 9; z += 1) {
    const root = 1 - spread + z * Math.sqrt(spread)
    if (root > 0.1) breaks.push(1.5 * Math.log(root))
  }
  const first = breaks[0]!
  // Where the normal's tail falls, which is sharp when the shift is large.
  const falls = [-8, -4, -2, -1, 0, 1, 2, 4, 8].map((z) => Math.log((shift + z) / t))
  const inside = falls.filter((logS) => logS > first - 42 / df && logS < breaks.at(-1)!)
  const tail = integrate(
    (logS) => {
      const logDensity = logScale - half * (Math.expm1(2 * logS) - 2 * logS)
      return Math.exp(logDensity) * normalSf(t * Math.exp(logS) - shift)
    },
    [...[42, 20, 8, 3, 1].map((k) => first - k / df), ...breaks, ...inside].sort((x, y) => x - y),
  )
  return Math.min(1, tail)
}

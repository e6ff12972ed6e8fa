import { deviance, incompleteGamma, normalLogCdf, stirlingError } from '@fairtrial/statistics'

/** From this shape on a normal tail and one term of correction leave an error below 1e-12. */
const LARGE = 1e7

/**
 * ln( Γ(a) x^−a e^x times a tail of the gamma distribution of shape a at x ), `difference` being a − x. By Stirling's
 * formula what is large in it becomes the deviance, which does not cancel.
 */
export function logGammaTail(a: number, x: number, difference: number, tail: 'lower' | 'upper'): number {
  const apart = deviance(a, x, difference)
  const logTail =
    a < LARGE
      ? incompleteGamma(a, x)[tail === 'lower' ? 'logLower' : 'logUpper']
      : largeLogTail(a, difference, apart, tail)
  return apart - 0.5 * Math.log(a / (2 * Math.PI)) + stirlingError(a) + logTail
}

/**
 * N. Temme's uniform expansion (SIAM Journal on Mathematical Analysis 10, 1979) to its first term: with λ = x/a and
 * ½η² = λ − 1 − ln λ, Q(a, x) = Φ(−η√a) + φ(η√a)/√a · (1/(λ − 1) − 1/η).
 */
function largeLogTail(a: number, difference: number, apart: number, tail: 'lower' | 'upper'): number {
  const beyond = -difference / a
  const eta = Math.sign(beyond) * Math.sqrt((2 * apart) / a)
  const correction = Math.abs(eta) < 1e-5 ? -1 / 3 + eta / 12 : 1 / beyond - 1 / eta
  const sign = tail === 'upper' ? 1 : -1
  const normal = normalLogCdf(-sign * eta * Math.sqrt(a))
  const share = Math.exp(-apart - 0.5 * Math.log(2 * Math.PI * a) - normal)
  return normal + Math.log1p(sign * share * correction)
}

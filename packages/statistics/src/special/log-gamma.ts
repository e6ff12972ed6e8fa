const HALF_LOG_TWO_PI = 0.91893853320467274178

// The Taylor coefficients of ln Γ(2 + z) beyond the first: (−1)^k (ζ(k) − 1) / k for k = 2, 3, …
// (Abramowitz & Stegun 6.1.33); at |z| ≤ 1/2 the first one left out is below 1e-17.
const TAYLOR_AT_TWO = [
  0.32246703342411321824, -0.067352301053198095133, 0.020580808427784547879, -0.0073855510286739852663,
  0.0028905103307415232858, -0.0011927539117032609771, 0.00050966952474304242234, -0.00022315475845357937976,
  0.000099457512781808533715, -0.0000449262367381331417, 0.000020507212775670691553, -9.439488275268395904e-6,
  4.3748667899074878042e-6, -2.0392157538013662368e-6, 9.5514121304074198329e-7, -4.4924691987645660433e-7,
  2.1207184805554665869e-7, -1.0043224823968099609e-7, 4.7698101693639805658e-8, -2.271109460894316491e-8,
  1.0838659214896954091e-8, -5.1834750419700466551e-9, 2.4836745438024783172e-9, -1.1921401405860912074e-9,
  5.7313672416788620133e-10,
]
const ONE_MINUS_EULER = 0.42278433509846713939

function logGammaNearTwo(z: number): number {
  let sum = 0
  for (let k = TAYLOR_AT_TWO.length - 1; k >= 0; k--) sum = (sum + TAYLOR_AT_TWO[k]!) * z
  return (sum + ONE_MINUS_EULER) * z
}

/**
 * ln Γ(x) for x > 0, to a relative error near 1e-15, also beside its zeros at 1 and 2.
 * Returns NaN for x < 0 and Infinity at 0.
 */
export function logGamma(x: number): number {
  if (!(x >= 0)) return Number.NaN
  if (x < 0.5) return logGamma(x + 1) - Math.log(x)
  if (x <= 1.5) return logGammaNearTwo(x - 1) - Math.log1p(x - 1)
  if (x <= 2.5) return logGammaNearTwo(x - 2)
  if (x < 10) {
    let factor = 1
    let rest = x
    while (rest > 2.5) factor *= --rest
    return Math.log(factor) + logGammaNearTwo(rest - 2)
  }
  if (x > 1e305) return x * (Math.log(x) - 1)
  return (x - 0.5) * (Math.log(x) - 1) + (HALF_LOG_TWO_PI - 0.5) + stirlingError(x)
}

/**
 * What Stirling's formula leaves out: ln Γ(x) − [(x − ½) ln x − x + ½ ln 2π], for x > 0.
 *
 * Differences of ln Γ at large arguments lose all their digits; written with this small number they keep
 * them (C. Loader, Fast and accurate computation of binomial probabilities, 2000).
 */
export function stirlingError(x: number): number {
  if (x < 10) return logGamma(x) - ((x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI)
  const s = 1 / (x * x)
  return (
    (1 / 12 -
      s *
        (1 / 360 -
          s *
            (1 / 1260 -
              s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s * (1 / 156 - (s * 3617) / 122400))))))) /
    x
  )
}

/** ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b) for a, b > 0, without the cancellation of that sum. */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b)
  const large = Math.max(a, b)
  if (!(small > 0)) return small === 0 ? Number.POSITIVE_INFINITY : Number.NaN
  if (large < 10) return logGamma(small) + logGamma(large) - logGamma(small + large)
  // ln Γ(large) − ln Γ(small + large), both by Stirling, the big terms taken off by hand.
  const logRatio = -Math.log1p(small / large) * (large - 0.5) - small * Math.log(small + large) + small
  const large2small = logRatio + stirlingError(large) - stirlingError(small + large)
  return logGamma(small) + large2small
}

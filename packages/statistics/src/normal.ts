const INVERSE_SQRT_TWO_PI = 0.39894228040143267794

// W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969), as scaled to
// the normal distribution in his SPECFUN (TOMS 715, 1993): relative error below 1e-15 on each of three ranges.
const CENTRE_P = [2.2352520354606839287, 161.02823106855587881, 1067.6894854603709582, 18154.981253343561249]
const CENTRE_P_TOP = 0.065682337918207449113
const CENTRE_Q = [47.20258190468824187, 976.09855173777669322, 10260.932208618978205, 45507.789335026729956]
const MIDDLE_P = [
  0.39894151208813466764, 8.8831497943883759412, 93.506656132177855979, 597.27027639480026226,
  2494.5375852903726711, 6848.1904505362823326, 11602.651437647350124, 9842.7148383839780218,
]
const MIDDLE_P_TOP = 1.0765576773720192317e-8
const MIDDLE_Q = [
  22.266688044328115691, 235.38790178262499861, 1519.377599407554805, 6485.558298266760755,
  18615.571640885098091, 34900.952721145977266, 38912.003286093271411, 19685.429676859990727,
]
const FAR_P = [
  0.21589853405795699, 0.1274011611602473639, 0.022235277870649807, 0.001421619193227893466,
  2.9112874951168792e-5,
]
const FAR_P_TOP = 0.02307344176494017303
const FAR_Q = [
  1.28426009614491121, 0.468238212480865118, 0.0659881378689285515, 0.00378239633202758244,
  7.29751555083966205e-5,
]
const CENTRE_END = 0.67448975
const MIDDLE_END = 5.656854249492380195

/** (top t^n + p₀ t^(n−1) + …) / (t^n + q₀ t^(n−1) + …). */
function ratio(t: number, top: number, p: readonly number[], q: readonly number[]): number {
  let numerator = top
  let denominator = 1
  for (let i = 0; i < p.length; i++) {
    numerator = numerator * t + p[i]!
    denominator = denominator * t + q[i]!
  }
  return numerator / denominator
}

/** The part of the tail beyond z > 0.67 that is left when exp(−z²/2) is taken out. */
function scaledTail(z: number): number {
  if (z < MIDDLE_END) return ratio(z, MIDDLE_P_TOP, MIDDLE_P, MIDDLE_Q)
  const s = 1 / (z * z)
  return (INVERSE_SQRT_TWO_PI - s * ratio(s, FAR_P_TOP, FAR_P, FAR_Q)) / z
}

/** exp(−z²/2), the square split so that its rounding does not show (Cody). */
function gaussian(z: number): number {
  const head = Math.trunc(z * 16) / 16
  return Math.exp(-head * head * 0.5) * Math.exp(-(z - head) * (z + head) * 0.5)
}

/** Density of the standard normal distribution. */
export function normalPdf(z: number): number {
  return INVERSE_SQRT_TWO_PI * gaussian(Math.abs(z) > 40 ? 40 : z)
}

/** P(Z ≤ z) of the standard normal distribution; keeps its digits down to z = −38. */
export function normalCdf(z: number): number {
  return normalSf(-z)
}

/** P(Z > z) of the standard normal distribution; keeps its digits up to z = 38, where it leaves the doubles. */
export function normalSf(z: number): number {
  const distance = Math.abs(z)
  if (distance <= CENTRE_END) return 0.5 - z * ratio(z * z, CENTRE_P_TOP, CENTRE_P, CENTRE_Q)
  if (Number.isNaN(z)) return Number.NaN
  const tail = distance > 40 ? 0 : gaussian(distance) * scaledTail(distance)
  return z > 0 ? tail : 1 - tail
}

/** ln P(Z > z), also where the probability itself is too small for a double. */
export function normalLogSf(z: number): number {
  if (z < -CENTRE_END) return Math.log1p(-normalSf(-z))
  if (z <= CENTRE_END) return Math.log(normalSf(z))
  if (z === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY
  return Math.log(scaledTail(z)) - 0.5 * z * z
}

/** ln P(Z ≤ z). */
export function normalLogCdf(z: number): number {
  return normalLogSf(-z)
}

// M. J. Wichura, Algorithm AS 241: the percentage points of the normal distribution, Applied Statistics 37
// (1988), PPND16: relative error near 1e-16 for min(p, 1 − p) ≥ 1e-316.
const NEAR_P = [
  33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125,
  1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
]
const NEAR_P_TOP = 2509.0809287301226727
const NEAR_Q = [
  28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077,
  687.1870074920579083, 42.313330701600911252, 1,
]
const NEAR_Q_TOP = 5226.495278852854561
const TAIL_P = [
  0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258, 3.64784832476320460504,
  5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
]
const TAIL_P_TOP = 7.7454501427834140764e-4
const TAIL_Q = [
  5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459, 0.68976733498510000455,
  1.6763848301838038494, 2.05319162663775882187, 1,
]
const TAIL_Q_TOP = 1.05075007164441684324e-9
const DEEP_P = [
  2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093, 0.29656057182850489123,
  1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
]
const DEEP_P_TOP = 2.01033439929228813265e-7
const DEEP_Q = [
  1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4, 0.0148753612908506148525,
  0.13692988092273580531, 0.59983220655588793769, 1,
]
const DEEP_Q_TOP = 2.04426310338993978564e-15

function polynomial(t: number, top: number, coefficients: readonly number[]): number {
  let value = top
  for (const coefficient of coefficients) value = value * t + coefficient
  return value
}

/**
 * The z with P(Z ≤ z) = p, for p in [0, 1]; NaN outside.
 * For an upper tail probability q write `-normalQuantile(q)`, which keeps the digits that 1 − q would lose.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN
  const centred = p - 0.5
  if (Math.abs(centred) <= 0.425) {
    const t = 0.180625 - centred * centred
    return (centred * polynomial(t, NEAR_P_TOP, NEAR_P)) / polynomial(t, NEAR_Q_TOP, NEAR_Q)
  }
  const tail = centred < 0 ? p : 1 - p
  if (tail === 0) return centred < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const r = Math.sqrt(-Math.log(tail))
  const z =
    r <= 5
      ? polynomial(r - 1.6, TAIL_P_TOP, TAIL_P) / polynomial(r - 1.6, TAIL_Q_TOP, TAIL_Q)
      : polynomial(r - 5, DEEP_P_TOP, DEEP_P) / polynomial(r - 5, DEEP_Q_TOP, DEEP_Q)
  return centred < 0 ? -z : z
}

import { type Estimable, type Interval, notEstimable } from '@fairtrial/statistics'
import { checkAlpha, checkRho, type Tuning } from './tuning.ts'

/** Which ends of the interval are bounded: both, only from below (`lower`), or only from above (`upper`). */
export type Side = 'both' | 'lower' | 'upper'

/** An estimate as it stands at one look. */
export interface Look {
  readonly estimate: number
  readonly standardError: number
  /** Units behind the estimate, both arms together. */
  readonly n: number
}

/** What the plan fixed before the first look. */
export interface SequenceOptions extends Tuning {
  /** Error probability over all looks together, in (0, 1). */
  readonly alpha: number
  /** `both` unless the plan bounds one direction only. */
  readonly side?: Side
}

/** What may be said at this look, and at every other, with one error probability for all of them. */
export interface AnytimeEstimate {
  readonly estimate: number
  readonly standardError: number
  /** How many standard errors the bound lies away. */
  readonly multiplier: number
  /** Infinite on a side that is not bounded. */
  readonly interval: Interval
  /**
   * Always-valid p-value of "no effect" at this look, dual to the interval: ≤ α exactly when 0 lies outside.
   * Its running minimum over the looks is one p-value for all of them.
   */
  readonly pValue: number
  /** ln p, also where p is too small for a double. */
  readonly logP: number
}

/**
 * Half the width of the confidence sequence, in standard errors, at n units.
 *
 * Two-sided: √( (n+ρ)/n · ln((n+ρ)/(ρα²)) ) — the normal mixture of Robbins (1970) as in Howard, Ramdas,
 * McAuliffe & Sekhon (Annals of Statistics 49, 2021, eq. 14), Eppo's GAVI; with a sample standard deviation it is
 * the asymptotic confidence sequence of Waudby-Smith et al. (2024). One-sided: √( 2 (n+ρ)/n · ln(1 + √((n+ρ)/ρ)/(2α)) ).
 */
export function normalMixtureMultiplier(n: number, { rho, alpha, side = 'both' }: SequenceOptions): number {
  checkAlpha(alpha)
  const logGrowth = Math.log1p(n / rho)
  const twiceLog =
    side === 'both'
      ? logGrowth - 2 * Math.log(alpha)
      : 2 * Math.log1p(Math.exp(0.5 * logGrowth) / (2 * alpha))
  return Math.sqrt((1 + rho / n) * twiceLog)
}

/**
 * ln of the always-valid p-value of a z-statistic at n units: two-sided ½ ln((n+ρ)/ρ) − z²n/(2(n+ρ)), at most 0.
 * One-sided (`lower`: evidence of z > 0) the α at which the bound would touch zero.
 */
export function normalMixtureLogP(
  z: number,
  n: number,
  { rho, side = 'both' }: Tuning & { side?: Side },
): number {
  const halfLogGrowth = 0.5 * Math.log1p(n / rho)
  const exponent = (0.5 * z * z) / (1 + rho / n)
  if (side === 'both') return Math.min(0, halfLogGrowth - exponent)
  const isForward = side === 'lower' ? z > 0 : z < 0
  if (!isForward) return 0
  // α = √((n+ρ)/ρ) / (2 (e^x − 1)), with ln(e^x − 1) = x + ln(1 − e^−x).
  return Math.min(0, halfLogGrowth - Math.LN2 - exponent - Math.log(-Math.expm1(-exponent)))
}

/**
 * The interval and p-value that are valid at this look whatever was seen before it and whenever one stops.
 * `Look.n` counts units whose outcome is final; the estimate must be of those same units.
 */
export function anytimeEstimate(look: Look, options: SequenceOptions): Estimable<AnytimeEstimate> {
  const { estimate, standardError, n } = look
  const { alpha, side = 'both' } = options
  checkRho(options.rho)
  checkAlpha(alpha)
  if (!(Number.isFinite(estimate) && Number.isFinite(standardError) && Number.isFinite(n))) {
    return notEstimable(
      'non-finite',
      `estimate ${estimate}, standard error ${standardError}, n ${n}: not all finite`,
    )
  }
  if (n <= 0) return notEstimable('no-data', 'no unit has a final outcome yet')
  if (standardError <= 0) {
    return notEstimable(
      'zero-variance',
      'no unit differs from another so far: the spread is unknown, not zero',
    )
  }
  const multiplier = normalMixtureMultiplier(n, options)
  const reach = multiplier * standardError
  const z = estimate / standardError
  if (!(Number.isFinite(z) && Number.isFinite(reach))) {
    return notEstimable(
      'non-finite',
      `estimate ${estimate} with standard error ${standardError} leaves the doubles`,
    )
  }
  const logP = normalMixtureLogP(z, n, options)
  return {
    estimate,
    standardError,
    multiplier,
    interval: {
      level: 1 - alpha,
      lower: side === 'upper' ? Number.NEGATIVE_INFINITY : estimate - reach,
      upper: side === 'lower' ? Number.POSITIVE_INFINITY : estimate + reach,
    },
    pValue: Math.exp(logP),
    logP,
  }
}

/**
 * Half the width of the stitched (law of the iterated logarithm) boundary in units of the standard deviation:
 * 1.7 √( (ln ln 2n + 0.72 ln(10.4/α)) / n ), Howard et al. 2021, eq. 2. Needs no tuning, is wider nearly everywhere.
 */
export function stitchedHalfWidth(n: number, alpha: number): number {
  checkAlpha(alpha)
  return 1.7 * Math.sqrt((Math.log(Math.log(2 * n)) + 0.72 * Math.log(10.4 / alpha)) / n)
}

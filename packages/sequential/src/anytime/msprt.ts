import { type Estimable, isEstimable } from '@fairtrial/statistics'
import { type AnytimeEstimate, anytimeEstimate, type Look } from './normal-mixture.ts'
import { checkPositive } from './tuning.ts'

/** What the plan of a mixture sequential probability ratio test fixes before the data. */
export interface MsprtOptions {
  /** τ², the variance of the effects mixed over: about the square of an effect that is looked for. */
  readonly mixingVariance: number
  /** Error probability over all looks together, in (0, 1). */
  readonly alpha: number
}

/** The test as it stands at a look. */
export interface MsprtEstimate extends AnytimeEstimate {
  /** ln Λ; its reciprocal, at most 1, is the p-value. */
  readonly logLikelihoodRatio: number
}

/**
 * The mixture sequential probability ratio test with normal mixing (Johari, Koomen, Pekelis & Walsh, Always valid
 * inference, Operations Research 70, 2022): ln Λ = ½ ln(s²/(s² + τ²)) + d²τ²/(2 s²(s² + τ²)), s the standard error of
 * the difference d. It is the normal mixture of `anytimeEstimate` with τ²/s² units of time and ρ = 1, and valid at any
 * look for a τ² that was fixed before the data: one that follows the sample size is not.
 */
export function msprt(
  { estimate, standardError }: Pick<Look, 'estimate' | 'standardError'>,
  { mixingVariance, alpha }: MsprtOptions,
): Estimable<MsprtEstimate> {
  checkPositive('mixingVariance', mixingVariance, 'give the square of an effect that is looked for')
  const n = standardError === 0 ? 1 : mixingVariance / standardError / standardError
  const now = anytimeEstimate({ estimate, standardError, n }, { rho: 1, alpha })
  if (!isEstimable(now)) return now
  const z = estimate / standardError
  return { ...now, logLikelihoodRatio: (0.5 * z * z) / (1 + 1 / n) - 0.5 * Math.log1p(n) }
}

import { deviance, stirlingError } from '@fairtrial/statistics'

/** How many fell into one category, against the share that a hypothesis expects there. */
export interface Counted {
  readonly share: number
  readonly count: number
  /** count − total · share, as well as it is known. */
  readonly surplus: number
}

/**
 * ln of the Dirichlet-multinomial Bayes factor against the shares, the prior being centred on them with the strength of
 * `concentration` units: an e-value's logarithm.
 *
 * With A the concentration, N the units, a_i = A p_i and m_i = a_i + n_i, the textbook form
 * ln Γ(A) − ln Γ(A+N) + Σ[ln Γ(m_i) − ln Γ(a_i)] − Σ n_i ln p_i subtracts numbers of 1e8 to leave one of 10. Put
 * Stirling's formula in for each Γ and everything large cancels on paper; with δ its error, what is left is
 *   Σ D(m_i, (A+N) p_i) − ½ Σ ln(m_i / ((A+N) p_i)) − ½ (k−1) ln(1 + N/A) + Σ[δ(m_i) − δ(a_i)] − δ(A+N) + δ(A),
 * D the (never negative) deviance: exact to about 1e-11 at 1e7 units.
 */
export function dirichletLogMixture(concentration: number, counted: readonly Counted[]): number {
  const units = counted.reduce((sum, { count }) => sum + count, 0)
  const total = concentration + units
  let sum = stirlingError(concentration) - stirlingError(total)
  sum -= 0.5 * (counted.length - 1) * Math.log1p(units / concentration)
  for (const { share, count, surplus } of counted) {
    const prior = concentration * share
    const mass = prior + count
    const expected = total * share
    sum += deviance(mass, expected, surplus)
    sum -= 0.5 * Math.log1p(surplus / expected)
    sum += stirlingError(mass) - stirlingError(prior)
  }
  return sum
}

/**
 * The prior's strength in units that makes a beta-binomial mixture tight where the normal one of the same ρ is; of some
 * weight, however soon precision is wanted (Howard, Ramdas, McAuliffe & Sekhon 2021).
 */
export function concentrationOf(rho: number): number {
  return Math.max(rho - 1, 1e-3)
}

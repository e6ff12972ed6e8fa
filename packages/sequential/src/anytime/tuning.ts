/**
 * How the width of a confidence sequence is spent over time. Fixed **before** the data: a tuning that follows
 * the sample size makes a boundary that is crossed with probability one.
 */
export interface Tuning {
  /** ρ in units of observations: the boundary is tightest, relative to a fixed test's, at a multiple of it. */
  readonly rho: number
}

/** What the plan of a confidence sequence fixes before the data. */
export interface TwoSidedSequence extends Tuning {
  /** Error probability over all looks together, both sides, in (0, 1). */
  readonly alpha: number
}

/** Wanted precision: the total error and the sample size at which the sequence shall be tightest. */
export interface TuningTarget {
  /** Error probability of the whole sequence, two-sided, in (0, 1). */
  readonly alpha: number
  /** Total number of units (both arms) at which precision is wanted most. */
  readonly tunedAt: number
}

/** Throws unless 0 < alpha < 1: a mistake of the plan, not of the data. */
export function checkAlpha(alpha: number): void {
  if (!(alpha > 0 && alpha < 1)) {
    throw new RangeError(
      `alpha is ${alpha}, but an error probability lies between 0 and 1: give 0.05 for 95 %`,
    )
  }
}

/** Throws unless the argument called `name` is a finite number above 0. */
export function checkPositive(name: string, value: number, remedy: string): void {
  if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${name} is ${value}: ${remedy}`)
}

/** Throws unless rho is a finite number above 0. */
export function checkRho(rho: number): void {
  checkPositive('rho', rho, 'take it from explicitTuning or exactTuning')
}

function checkTarget({ alpha, tunedAt }: TuningTarget): void {
  checkAlpha(alpha)
  checkPositive('tunedAt', tunedAt, 'give the number of units at which precision is wanted, above 0')
}

/**
 * The explicit tuning of Eppo's GAVI and GrowthBook, ρ = tunedAt / (ln(1 − 2 ln α) − 2 ln α). Their other
 * parameter is ρ_GB² = 1/ρ. Within a few per cent of {@link exactTuning}. For a one-sided sequence at α the peers
 * tune at 2α.
 */
export function explicitTuning(target: TuningTarget): Tuning {
  checkTarget(target)
  const twiceLog = -2 * Math.log(target.alpha)
  return { rho: target.tunedAt / (Math.log1p(twiceLog) + twiceLog) }
}

/**
 * The ρ that makes the two-sided boundary narrowest exactly at `tunedAt`: tunedAt / (−W₋₁(−α²/e) − 1)
 * (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, Time-uniform central limit theory, Annals of Statistics 2024).
 */
export function exactTuning(target: TuningTarget): Tuning {
  checkTarget(target)
  // u = −W₋₁(−α²/e) − 1 solves u = ln(1 + u) − 2 ln α: Newton from the explicit tuning, concave, so it converges.
  const twiceLog = -2 * Math.log(target.alpha)
  let u = Math.log1p(twiceLog) + twiceLog
  for (let i = 0; i < 50; i++) {
    const step = ((u - Math.log1p(u) - twiceLog) * (1 + u)) / u
    u -= step
    if (Math.abs(step) <= 1e-16 * u) break
  }
  return { rho: target.tunedAt / u }
}

import type { EffectPosterior, PracticalChances, PracticalEquivalence } from './bayesian-normal.ts'
import { betaLogOdds, betaQuantile, betaTails, betaUpperQuantile } from './beta.ts'
import { type Estimable, notEstimable } from './estimable.ts'
import { type Interval, type LevelOptions, levelOf } from './interval.ts'
import type { Proportion } from './proportions.ts'
import { integrate } from './special/gauss-legendre.ts'
import { logBeta } from './special/log-gamma.ts'

/** What was believed of each arm's rate before the data, written into the plan: Beta(alpha, beta), both > 0. */
export interface BetaPrior {
  readonly alpha: number
  readonly beta: number
}

/** Choices of the beta-binomial model; fix them before the data. */
export interface BetaBinomialOptions extends LevelOptions {
  /** Beta(1, 1) by default: every rate as likely as any other. */
  readonly prior?: BetaPrior
  /** On the difference of the rates. */
  readonly practicalEquivalence?: PracticalEquivalence
}

/** An arm's posterior rate. */
export interface RatePosterior {
  readonly mean: number
  /** Central credible interval. */
  readonly interval: Interval
}

/** The posterior of two rates. */
export interface BetaBinomialPosterior extends Omit<EffectPosterior, 'interval'> {
  /** E[treatment − control]. */
  readonly expectedDifference: number
  readonly control: RatePosterior
  readonly treatment: RatePosterior
}

/** A beta distribution, and on the scale of log odds the places between which it is smooth. */
interface Beta {
  readonly a: number
  readonly b: number
  readonly breaks: readonly number[]
}

/**
 * The posterior of two rates from independent beta priors, by quadrature of exact densities and tails: no simulation,
 * relative error near 1e-12 for chances above 1e-30. **Its error rates are not controlled when looked at many times.**
 */
export function betaBinomialModel(
  control: Proportion,
  treatment: Proportion,
  options?: BetaBinomialOptions,
): Estimable<BetaBinomialPosterior> {
  const level = levelOf(options)
  const prior = options?.prior ?? { alpha: 1, beta: 1 }
  if (!(prior.alpha > 0 && prior.beta > 0 && Number.isFinite(prior.alpha + prior.beta))) {
    throw new RangeError(`the prior is Beta(${prior.alpha}, ${prior.beta}): give two finite numbers above 0`)
  }
  for (const [arm, { successes, n }] of Object.entries({ control, treatment })) {
    if (!Number.isFinite(n) || !Number.isFinite(successes)) {
      return notEstimable('non-finite', `${arm} has ${successes} successes of ${n}`)
    }
    if (!(successes >= 0 && successes <= n)) {
      return notEstimable('not-applicable', `${arm} has ${successes} successes of ${n}`)
    }
  }
  if (control.n + treatment.n > MOST_UNITS) {
    return notEstimable(
      'not-applicable',
      `more than ${MOST_UNITS} units: take normalModel, which is as exact there`,
    )
  }
  const c = posteriorOf(control, prior)
  const t = posteriorOf(treatment, prior)
  const chanceToWin = chanceAbove(t, c)
  const chanceToLose = chanceAbove(c, t)
  const region = options?.practicalEquivalence
  return {
    // The smaller of the two was integrated without cancellation.
    chanceToWin: chanceToWin < chanceToLose ? chanceToWin : 1 - chanceToLose,
    expectedLossTreatment: expectedExcess(c, t),
    expectedLossControl: expectedExcess(t, c),
    expectedDifference: (t.a * c.b - c.a * t.b) / (t.a + t.b) / (c.a + c.b),
    control: rateOf(c, level),
    treatment: rateOf(t, level),
    ...(region && { practical: practicalChances(region, c, t) }),
  }
}

// Each tail takes time in proportion to the root of the units.
const MOST_UNITS = 1e10

// The tails at which the range of integration is cut into panels; within each the integrand is tame.
const TAILS = [1e-40, 1e-30, 1e-22, 1e-15, 1e-10, 1e-6, 1e-3, 0.02, 0.15]

function posteriorOf({ successes, n }: Proportion, prior: BetaPrior): Beta {
  const a = prior.alpha + successes
  const b = prior.beta + (n - successes)
  const lower = TAILS.map((p) => betaLogOdds(p, a, b))
  const upper = TAILS.map((p) => -betaLogOdds(p, b, a)).reverse()
  return { a, b, breaks: [...lower, betaLogOdds(0.5, a, b), ...upper] }
}

/** P(X > Y). */
function chanceAbove(x: Beta, y: Beta): number {
  return integrate((u) => density(x, u) * tailsAt(y, u).lower, merged(x.breaks, y.breaks))
}

/** E[(X − Y)⁺] = ∫ P(Y ≤ s) P(X > s) ds. */
function expectedExcess(x: Beta, y: Beta): number {
  return integrate(
    (u) => {
      const odds = Math.exp(-Math.abs(u))
      return tailsAt(y, u).lower * tailsAt(x, u).upper * (odds / (1 + odds) ** 2)
    },
    merged(x.breaks, y.breaks),
  )
}

function practicalChances({ lower, upper }: PracticalEquivalence, c: Beta, t: Beta): PracticalChances {
  if (!(lower < upper))
    throw new RangeError(`practical equivalence from ${lower} to ${upper}: give lower < upper`)
  const shifted = (by: number) =>
    t.breaks.map((u) => logOdds(1 / (1 + Math.exp(-u)) - by)).filter(Number.isFinite)
  const chance = (by: number, isAbove: boolean) =>
    integrate(
      (u) => {
        const x = Math.min(1, Math.max(0, 1 / (1 + Math.exp(-u)) + by))
        const tails = betaTails(x, t.a, t.b)
        return density(c, u) * (isAbove ? tails.upper : tails.lower)
      },
      merged(
        c.breaks,
        shifted(by).filter((u) => u > c.breaks[0]! && u < c.breaks.at(-1)!),
      ),
    )
  const below = chance(lower, false)
  const above = chance(upper, true)
  return { below, within: Math.max(0, 1 - below - above), above }
}

/** The density of the log odds. */
function density({ a, b }: Beta, u: number): number {
  return Math.exp(-a * softplus(-u) - b * softplus(u) - logBeta(a, b))
}

function tailsAt({ a, b }: Beta, u: number) {
  return betaTails(1 / (1 + Math.exp(-u)), a, b, 1 / (1 + Math.exp(u)))
}

function rateOf({ a, b }: Beta, level: number): RatePosterior {
  const tail = (1 - level) / 2
  return {
    mean: a / (a + b),
    interval: { level, lower: betaQuantile(tail, a, b), upper: betaUpperQuantile(tail, a, b) },
  }
}

/** ln(1 + e^u). */
function softplus(u: number): number {
  return Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u)))
}

function logOdds(x: number): number {
  return Math.log(x) - Math.log1p(-x)
}

function merged(a: readonly number[], b: readonly number[]): number[] {
  return [...a, ...b].sort((x, y) => x - y)
}

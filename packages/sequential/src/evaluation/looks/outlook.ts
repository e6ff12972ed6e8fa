import type { EffectSize, FutilityPlan, LookReading } from '@fairtrial/protocol'
import { conditionalPower, predictivePower } from '../../group-sequential/conditional-power.ts'
import { futilityBoundaries } from '../../group-sequential/futility.ts'
import { boundariesAt, type SpendingDesign } from './design.ts'
import { nextAfter } from './standing.ts'
import type { Statistic } from './statistic.ts'

/** What the outlook is asked for beside the design. */
export interface OutlookQuestion {
  readonly towardsBetter: 1 | -1
  /** Of the hypothesis' metric. */
  readonly minimumLift?: EffectSize
  readonly futility?: Required<FutilityPlan>
  readonly controlMean: number
}

/**
 * The chance to end better at a look to come, if the planned ones follow: under the smallest lift worth having, and over
 * what the data say of the effect. Told at looks that leave the question open.
 */
export function lookAhead(
  { z, standardError }: Statistic,
  fractions: readonly number[],
  design: SpendingDesign,
  { towardsBetter, minimumLift, futility, controlMean }: OutlookQuestion,
): Pick<LookReading, 'conditionalPower' | 'predictivePower' | 'isFutile'> {
  const now = fractions.at(-1)!
  const next = nextAfter(now, design.planned)
  if (next === null) return {}
  const ahead = design.planned.filter((fraction) => fraction >= next)
  const bounds = boundariesAt([...fractions, ...ahead], design)
  const standing = { look: fractions.length, z: towardsBetter * z }
  const predicted = { predictivePower: predictivePower(bounds, standing) }
  if (minimumLift === undefined) return predicted
  const size = 'absolute' in minimumLift ? minimumLift.absolute : minimumLift.relative * Math.abs(controlMean)
  const drift = size / standardError / Math.sqrt(now)
  if (!(drift > 0 && Number.isFinite(drift))) return predicted
  return {
    conditionalPower: conditionalPower(bounds, standing, drift),
    ...predicted,
    ...(futility && { isFutile: isFutile(standing.z, fractions, design, drift, futility) }),
  }
}

function isFutile(
  z: number,
  informationFractions: readonly number[],
  { alpha, sides, rule }: SpendingDesign,
  drift: number,
  { beta, spending }: Required<FutilityPlan>,
): boolean {
  const { lower } = futilityBoundaries({
    informationFractions,
    alphaSpending: rule,
    betaSpending: spending,
    alpha: alpha / sides,
    beta,
    drift,
  })
  const bound = lower.at(-1)!
  return bound !== null && z <= bound
}

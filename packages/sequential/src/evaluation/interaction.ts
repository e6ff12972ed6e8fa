import type { Bounds, Comparison, Estimate } from '@fairtrial/protocol'
import { type Estimable, isEstimable } from '@fairtrial/statistics'
import { normalMixtureLogP } from '../anytime/normal-mixture.ts'
import type { ArmEstimates } from './arm-estimates.ts'
import { armsOf, type ComparisonPlan, effectOfArms } from './arms.ts'
import { finite, isEstimate, positive } from './estimate.ts'
import type { Sequence } from './interval.ts'
import { smallestAlpha } from './smallest-alpha.ts'

/** One of two sets of units that share none, compared. */
export interface Subset {
  readonly effect: Comparison['effect']
  readonly estimates: Estimable<ArmEstimates>
  readonly sequence: Sequence
}

/** How much the effect inside differs from the effect on the rest, and the p of no difference, valid at this look. */
export function interactionOf(
  inside: Subset,
  rest: Subset,
  plan: ComparisonPlan & { readonly isOfMeans: boolean },
): { readonly difference: Estimate<number>; readonly p: Estimate<number> } {
  const scale = inside.sequence.liftAt ? 'relative' : 'absolute'
  const [here, there] = [inside.effect[scale], rest.effect[scale]]
  const difference = isEstimate(here) ? (isEstimate(there) ? finite(here - there) : there) : here
  return { difference, p: plan.isOfMeans ? pOfMeans(inside, rest, plan) : pOfBounds(inside, rest) }
}

/** The difference of two independent effects is an estimate like any other, on the units of both. */
function pOfMeans(inside: Subset, rest: Subset, plan: ComparisonPlan): Estimate<number> {
  const here = armsOf(inside.estimates, plan)
  if (!isEstimable(here)) return here
  const there = armsOf(rest.estimates, plan)
  if (!isEstimable(there)) return there
  const [a, b] = [effectOfArms(here), effectOfArms(there)]
  const z = (a.estimate - b.estimate) / Math.hypot(a.standardError, b.standardError)
  return finite(positive(Math.exp(normalMixtureLogP(z, here.n + there.n, { rho: here.rho }))))
}

/** Each effect, of rare events the relative one, lies within its bounds but for half of alpha. */
function pOfBounds(inside: Subset, rest: Subset): Estimate<number> {
  const boundsAt = ({ sequence }: Subset, alpha: number) =>
    sequence.liftAt?.(alpha) ?? sequence.intervalAt(alpha).absolute
  return smallestAlpha((alpha): Estimate<Bounds> => {
    const here = boundsAt(inside, alpha / 2)
    if (!isEstimate(here)) return here
    const there = boundsAt(rest, alpha / 2)
    return isEstimate(there) ? [here[0] - there[1], here[1] - there[0]] : there
  })
}

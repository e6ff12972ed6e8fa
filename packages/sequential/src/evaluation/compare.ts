import type {
  Bounds,
  Comparison,
  Estimate,
  Interval,
  MetricDefinition,
  MetricSummary,
  Moments,
  SealedGuardrail,
} from '@fairtrial/protocol'
import { type Estimable, isEstimable, relativeLift, welch } from '@fairtrial/statistics'
import { anytimePValue, type Arms, armsOf, contrast, relativeBounds } from './arms.ts'
import { finite, isEstimate, notEstimable, pick, positive } from './estimate.ts'
import { lookOnce } from './fixed-look.ts'
import { assumptionsOf } from './assumptions.ts'
import { evaluateGuardrail } from './guardrail.ts'
import { detectableEffect, sayRuledOut } from './ruled-out.ts'

/** How one metric of a trial is compared. */
export interface MetricPlan {
  readonly definition: MetricDefinition
  /** Error of the comparison over all looks. */
  readonly alpha: number
  /** Error that the one-look tests beside it are given. */
  readonly fixedAlpha: number
  readonly tuneAt: number
  readonly guardrail?: { readonly rule: SealedGuardrail; readonly alpha: number }
}

/** A treatment arm against control, over the units whose windows have closed. */
export function compare(control: MetricSummary, treatment: MetricSummary, plan: MetricPlan): Comparison {
  const { definition, tuneAt, guardrail } = plan
  const c = control.closed
  const t = treatment.closed
  const arms = armsOf(c, t, { alpha: plan.alpha, tuneAt })
  const interval = intervalOf(arms, 1 - plan.alpha)
  const guarded = guardrail && guard(control, treatment, guardrail, plan)
  return {
    effect: effectOf(c, t),
    standardError: pick(welch(c, t), ({ standardError }) => standardError),
    relativeStandardError: pick(relativeLift(c, t), ({ standardError }) => standardError),
    interval,
    method: 'confidence-sequence',
    assumptions: assumptionsOf(definition),
    detectable: pick(arms, detectableEffect),
    ruledOut: sayRuledOut(interval, definition),
    anytimePValue: pick(arms, (known) => positive(anytimePValue(known))),
    fixed: lookOnce(c, t, { type: definition.type, level: 1 - plan.fixedAlpha }),
    verdict:
      guarded && definition.role === 'guardrail' ? guarded.verdict : sideOf(interval.absolute, definition),
    ...(guarded && { guardrail: guarded }),
  }
}

function guard(
  control: MetricSummary,
  treatment: MetricSummary,
  { rule, alpha }: NonNullable<MetricPlan['guardrail']>,
  { definition, tuneAt }: MetricPlan,
) {
  const arms = armsOf(control.closed, treatment.closed, { alpha, tuneAt })
  const level = 1 - alpha
  const { absolute, relative } = intervalOf(arms, level)
  const bounds = 'absolute' in rule.margin ? absolute : relative
  return evaluateGuardrail(rule, { control, treatment, definition, arms, bounds, level })
}

function effectOf(control: Moments, treatment: Moments): Comparison['effect'] {
  for (const [arm, { n }] of Object.entries({ control, treatment })) {
    if (n > 0) continue
    const nothing = notEstimable('no-data', `${arm} has no units with a closed window`)
    return { absolute: nothing, relative: nothing }
  }
  const difference = treatment.mean - control.mean
  return {
    absolute: finite(difference),
    relative: control.mean === 0 ? ZERO_CONTROL_MEAN : finite(difference / Math.abs(control.mean)),
  }
}

function intervalOf(arms: Estimable<Arms>, level: number): Interval {
  if (!isEstimable(arms)) return { level, absolute: arms, relative: arms }
  return { level, absolute: finite<Bounds>(contrast(arms, 1, -1)), relative: relativeIntervalOf(arms) }
}

function relativeIntervalOf(arms: Arms): Estimate<Bounds> {
  if (arms.control.mean === 0) return ZERO_CONTROL_MEAN
  const bounds = relativeBounds(arms)
  if (bounds !== null) return finite<Bounds>(bounds)
  return notEstimable(
    'unbounded',
    "control's mean is not told apart from 0 yet, so a relative effect has no bounds",
  )
}

function sideOf(interval: Estimate<Bounds>, { direction }: MetricDefinition): 'better' | 'worse' | 'unknown' {
  if (!isEstimate(interval)) return 'unknown'
  const [lower, upper] = interval
  if (lower <= 0 && upper >= 0) return 'unknown'
  return lower > 0 === (direction === 'increase') ? 'better' : 'worse'
}

const ZERO_CONTROL_MEAN = notEstimable('zero-control-mean', "control's mean is 0: nothing to be relative to")

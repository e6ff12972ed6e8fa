import type {
  Comparison,
  LookRecord,
  MetricSummary,
  PlainEstimate,
  SealedGuardrail,
  SealedMetric,
} from '@fairtrial/protocol'
import { type Estimable, isEstimable, sketchQuantile } from '@fairtrial/statistics'
import type { ArmEstimates } from './arm-estimates.ts'
import { anytimePValue, type Arms, armsOf, atAlpha } from './arms.ts'
import { finite, notEstimable, pick, positive } from './estimate.ts'
import { type FixedTests, lookOnce, testsOf } from './fixed-look.ts'
import { assumptionsOf } from './assumptions.ts'
import { impactPerDay } from './impact.ts'
import { judgePractical } from './practical.ts'
import { pooledSketch } from './measured-arms.ts'
import { measuredQuantileSequence } from './measured-quantiles.ts'
import { quantileSequence } from './quantile-sequence.ts'
import { NO_DIFFERENCE, rareEventSequence } from './rare-event-sequence.ts'
import { compareRanks } from './ranks.ts'
import { type Arrangement, estimateArms } from './estimate-arms.ts'
import { intervalOf, type Sequence, ZERO_CONTROL_MEAN } from './interval.ts'
import { rulePrimary } from './primary.ts'
import { type OpenComparison, type PrimaryPlan, ruleByConfidenceSequence } from './ruling.ts'
import { evaluateGuardrail, type GuardedComparison } from './guardrail.ts'
import { detectableEffect, detectableWithin, sayRuledOut, sayRuledOutLift } from './ruled-out.ts'

/** How one metric of a trial is compared. */
export interface MetricPlan extends Arrangement {
  readonly definition: SealedMetric
  /** Error of the comparison over all looks. */
  readonly alpha: number
  /** Error that the one-look tests beside it are given. */
  readonly fixedAlpha: number
  readonly tuneAt: number
  /** Of a primary metric: what it is decided by. */
  readonly primary?: PrimaryPlan
  readonly unitsPerDay?: number
  readonly guardrail?: Pick<GuardedComparison, 'asOf' | 'lateness'> & {
    readonly rule: SealedGuardrail
    readonly alpha: number
  }
  /** Of measurements, which do not tell how many units they came from: exposed units. */
  readonly exposed?: GuardedComparison['exposed']
}

/** A comparison, and the look that was taken at it, if one was. */
export interface Compared {
  readonly comparison: Comparison
  readonly record?: LookRecord
}

/** A treatment arm against control, over the units whose windows have closed. */
export function compare(control: MetricSummary, treatment: MetricSummary, plan: MetricPlan): Compared {
  const { definition, cluster, strata, guardrail } = plan
  const estimates = estimateArms(control, treatment, definition, plan)
  const arms = armsOf(estimates, plan)
  const sequence = sequenceOf(control, treatment, arms, plan)
  const open = { estimates, arms, sequence, alpha: plan.alpha, definition }
  const ruling = plan.primary ? rulePrimary(open, plan.primary) : ruleByConfidenceSequence(open)
  const { verdict, record, multiplier, ...told } = ruling
  const { interval, method } = told
  const guarded = guardrail && guard(control, treatment, open, { ...plan, guardrail })
  const closed = { control: closedOf(control, definition), treatment: closedOf(treatment, definition) }
  const effect = effectOf(estimates, closed)
  const level = 1 - plan.fixedAlpha
  const tests = testsOf(estimates, level)
  const standardErrors = standardErrorsOf(tests)
  const fixed = lookOnce(estimates, tests, closed, { type: definition.type, level })
  const lift = sequence.liftAt?.(plan.alpha)
  const practical = judgePractical({ ...interval, ...(lift && { relative: lift }) }, definition)
  const impact = impactPerDay({ effect, interval }, definition, plan.unitsPerDay)
  const comparison: Comparison = {
    effect,
    ...standardErrors,
    ...told,
    assumptions: assumptionsOf(definition, {
      interval: method,
      estimator: fixed.method,
      ...(cluster && { cluster: cluster.unitType }),
      ...(strata && { strata: strata.dimension }),
    }),
    detectable: lift
      ? NO_DIFFERENCE
      : definition.quantile === undefined
        ? pick(arms, (known) => detectableEffect(multiplier === undefined ? known : { ...known, multiplier }))
        : detectableWithin(interval, standardErrors.standardError),
    ruledOut: lift ? sayRuledOutLift(lift, interval.level) : sayRuledOut(interval, definition),
    anytimePValue: sequence.pValue(),
    fixed: { ...fixed, ...(definition.ranks && { ranks: compareRanks(control, treatment, level) }) },
    verdict: guarded && definition.role === 'guardrail' ? guarded.verdict : verdict,
    ...unadjustedOf(estimates, closed, plan),
    ...uncappedOf(control, treatment, plan),
    ...(practical && { practical }),
    ...(impact && { impactPerDay: impact }),
    ...(guarded && { guardrail: guarded }),
  }
  return { comparison, ...(record && { record }) }
}

/** The confidence sequence of a comparison. */
export function sequenceOf(
  control: MetricSummary,
  treatment: MetricSummary,
  arms: Estimable<Arms>,
  plan: Pick<MetricPlan, 'definition' | 'alpha' | 'tuneAt'>,
): Sequence {
  const { quantile, rareEvents, source } = plan.definition
  if (source === 'measurements' && quantile !== undefined) {
    return measuredQuantileSequence(control, treatment, quantile, plan)
  }
  if (rareEvents) return rareEventSequence(control, treatment)
  if (quantile !== undefined) return quantileSequence(control, treatment, quantile, plan)
  return {
    intervalAt: (alpha) => {
      const isAsPlanned = alpha === plan.alpha || !isEstimable(arms)
      return intervalOf(isAsPlanned ? arms : atAlpha(arms, alpha), 1 - alpha)
    },
    pValue: () => pick(arms, (known) => positive(anytimePValue(known))),
  }
}

/** The confidence sequence of a comparison that is made anew. */
export function sequenceAgain(control: MetricSummary, treatment: MetricSummary, plan: MetricPlan): Sequence {
  const estimates = estimateArms(control, treatment, plan.definition, plan)
  return sequenceOf(control, treatment, armsOf(estimates, plan), plan)
}

function guard(
  control: MetricSummary,
  treatment: MetricSummary,
  open: OpenComparison,
  {
    guardrail: { rule, alpha, asOf, lateness },
    tuneAt,
    exposed,
  }: Pick<MetricPlan, 'tuneAt' | 'exposed'> & { readonly guardrail: NonNullable<MetricPlan['guardrail']> },
) {
  const { definition } = open
  const isAsCompared = alpha === open.alpha
  const plan = { definition, alpha, tuneAt }
  const arms = isAsCompared ? open.arms : armsOf(open.estimates, plan)
  const sequence = isAsCompared ? open.sequence : sequenceOf(control, treatment, arms, plan)
  const { absolute, relative } = sequence.intervalAt(alpha)
  return evaluateGuardrail(rule, {
    control,
    treatment,
    definition,
    // Of quantiles and rare events there are no two means whose contrast could say more than the interval does.
    arms: definition.quantile === undefined && !definition.rareEvents ? arms : NO_MEANS,
    bounds: 'absolute' in rule.margin ? absolute : (sequence.liftAt?.(alpha) ?? relative),
    level: 1 - alpha,
    asOf,
    lateness,
    ...(exposed && { exposed }),
  })
}

type Closed = { readonly [Arm in 'control' | 'treatment']: MetricSummary['closed'] }

/** An arm's closed units, or its measurements; of a quantile metric with the quantile for their mean. */
export function closedOf(
  { closed, measured, sketch = measured && pooledSketch(measured) }: MetricSummary,
  { quantile: p }: SealedMetric,
): MetricSummary['closed'] {
  if (p === undefined || sketch === undefined || closed.n === 0) return closed
  const found = sketchQuantile(sketch, p)
  return isEstimable(found) ? { ...closed, mean: found.quantile } : closed
}

/** The effect by itself: also of so few units that nothing more can be said. */
export function effectOf(estimates: Estimable<ArmEstimates>, closed: Closed): Comparison['effect'] {
  if (!(closed.control.n > 0 && closed.treatment.n > 0)) {
    const arm = closed.control.n > 0 ? 'treatment' : 'control'
    const nothing = notEstimable('no-data', `${arm} has no units with a closed window`)
    return { absolute: nothing, relative: nothing }
  }
  const { control, treatment, slope } = isEstimable(estimates) ? estimates : { ...closed, slope: 1 }
  const difference = treatment.mean - slope * control.mean
  return {
    absolute: finite(difference),
    relative: control.mean === 0 ? ZERO_CONTROL_MEAN : finite(difference / Math.abs(control.mean)),
  }
}

function standardErrorsOf({
  difference,
  lift,
}: FixedTests): Pick<Comparison, 'standardError' | 'relativeStandardError'> {
  return {
    standardError: pick(difference, ({ standardError }) => standardError),
    relativeStandardError: pick(lift, ({ standardError }) => standardError),
  }
}

/** The comparison as it were without covariates or strata. */
function unadjustedOf(
  estimates: Estimable<ArmEstimates>,
  closed: Closed,
  plan: MetricPlan,
): Pick<Comparison, 'unadjusted'> {
  if (!isEstimable(estimates) || estimates.unadjusted === undefined) return {}
  const { unadjusted, varianceReduction = 0 } = estimates
  return {
    unadjusted: {
      ...plainEstimateOf(unadjusted, closed, plan),
      varianceReduction: finite(varianceReduction),
    },
  }
}

/** The comparison as it were without a cap, nor a limit on events, nor anything taken out: what an outlier would do to it. */
function uncappedOf(
  control: MetricSummary,
  treatment: MetricSummary,
  plan: MetricPlan,
): Pick<Comparison, 'uncapped'> {
  if (control.uncapped === undefined || treatment.uncapped === undefined) return {}
  const { covariates: _, ...definition } = plan.definition
  const [c, t] = [control.uncapped, treatment.uncapped]
  const arm = (closed: MetricSummary['closed']) => ({ closed, current: closed, missing: 0 })
  const { cluster } = plan
  const estimates = estimateArms(arm(c.closed), arm(t.closed), definition, { ...(cluster && { cluster }) })
  return {
    uncapped: {
      ...plainEstimateOf(estimates, { control: c.closed, treatment: t.closed }, plan),
      changedUnits: { control: c.changed, treatment: t.changed },
    },
  }
}

/** What an estimate comes to by itself, under the confidence sequence. */
function plainEstimateOf(
  estimates: Estimable<ArmEstimates>,
  closed: Closed,
  plan: Pick<MetricPlan, 'alpha' | 'tuneAt'>,
): PlainEstimate {
  return {
    effect: effectOf(estimates, closed),
    standardError: standardErrorsOf(testsOf(estimates, 1 - plan.alpha)).standardError,
    interval: intervalOf(armsOf(estimates, plan), 1 - plan.alpha),
  }
}

const NO_MEANS: Estimable<Arms> = {
  notEstimable: { code: 'not-applicable', detail: 'the arms are not compared by their means' },
}

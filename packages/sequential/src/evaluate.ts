import type {
  ArmEvaluation,
  Comparison,
  Evaluation,
  Experiment,
  LookKind,
  LookLedger,
  LookRecord,
  MetricEvaluation,
  MetricSummary,
  SealedMetric,
  TrialSummary,
} from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import { sampleVariance } from '@fairtrial/statistics'
import { adoptionInterval } from './evaluation/adoption.ts'
import { cautionsOf } from './evaluation/cautions.ts'
import { closedOf, compare, type MetricPlan, sequenceAgain } from './evaluation/compare.ts'
import { comparisonAlpha, guardrailAlpha } from './evaluation/error-budget.ts'
import { finite, notEstimable, pick } from './evaluation/estimate.ts'
import { tellFurther } from './evaluation/further.ts'
import { judgeFamilies } from './evaluation/families.ts'
import { extendLedger, openLedger, pastLooks } from './evaluation/ledger.ts'
import type { PrimaryPlan } from './evaluation/ruling.ts'
import { strataOf } from './evaluation/strata.ts'

/** What came before this look, and why it is taken. */
export interface EvaluateOptions {
  /** `looks` of the evaluation before, of the same phase; without it this is the first look. */
  readonly ledger?: LookLedger
  /**
   * Why the look is taken; `scheduled` by default: it decides when it is due, and describes when it is not. A `final` one
   * spends what is left of alpha, where the trial ends before its information is complete. A `glance`
   * takes no look, also when one is due: guardrails are judged, and primaries stay as the ledger has them, but for what a
   * confidence sequence decides without one: harm under `hybrid`, and whatever a `chosen` look has left to it.
   */
  readonly look?: LookKind | 'glance'
  /** Dimensions of the summary that the plan does not have: told apart from its own, each a hypothesis for another trial. */
  readonly exploratory?: readonly string[]
}

/**
 * What is known at one look: every treatment against control on every metric. Primaries are decided by the plan's method,
 * at looks that the ledger keeps; every other metric, and every guardrail whatever the method, by the asymptotic
 * confidence sequence (Waudby-Smith et al. 2024) that the plan has tuned, which holds at every look.
 *
 * The error is spent as the plan says: a primary metric has its share of `alpha`, split evenly over the treatments, and of
 * that its attempt's share; guardrails share `falseAbortAlpha` evenly over guardrails and treatments; any other metric has
 * `alpha`, unadjusted.
 *
 * @throws ExperimentError `definition-changed` when the summary is of another definition, or the ledger of another phase
 */
export function evaluate(
  experiment: Experiment,
  summary: TrialSummary,
  options: EvaluateOptions = {},
): Evaluation {
  refuseForeign(experiment, summary)
  const ledger = openLedger(experiment, summary, options.ledger)
  const kind = options.look ?? 'scheduled'
  const planOf = (metric: string, variant: string): MetricPlan =>
    planComparison(experiment, summary, ledger, { metric, variant, kind })
  const records: LookRecord[] = []
  const metrics = Object.entries<SealedMetric>(experiment.metrics).map(([metric, definition]) => {
    const { role, direction } = definition
    const arms = summary.metrics[metric]!
    const compareWith = (variant: string): Comparison => {
      const plan = planOf(metric, variant)
      const { comparison, record } = compare(arms[experiment.control]!, arms[variant]!, plan)
      if (record) records.push(record)
      return comparison
    }
    const variants = evaluateArms(experiment, definition, arms)
    const comparisons = compareTreatments(experiment, definition, compareWith)
    const cautions = [...cautionsOf(experiment, metric, { variants, comparisons })]
    const evaluation: MetricEvaluation = {
      role,
      direction,
      variants,
      comparisons,
      ...tellFurther(experiment, summary, {
        metric,
        planOf: (variant) => planOf(metric, variant),
        exploratory: options.exploratory ?? [],
      }),
      ...(cautions.length > 0 && { cautions }),
    }
    return [metric, evaluation]
  })
  return {
    schema: 'fairtrial.evaluation/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase: summary.phase,
    asOf: summary.asOf,
    method: experiment.analysis.method,
    units: summary.units,
    metrics: judgeFamilies(experiment, Object.fromEntries(metrics), (metric, variant, alpha) => {
      const arms = summary.metrics[metric]!
      const [control, treatment] = [arms[experiment.control]!, arms[variant]!]
      return sequenceAgain(control, treatment, planOf(metric, variant)).intervalAt(alpha)
    }),
    looks: extendLedger(ledger, records),
  }
}

function evaluateArms(
  { variants, analysis, cluster }: Experiment,
  definition: SealedMetric,
  summaries: { readonly [variant: string]: MetricSummary },
): MetricEvaluation['variants'] {
  const isClustered = cluster !== undefined
  const tellArm = (summary: MetricSummary): ArmEvaluation => {
    const { closed, current, missing } = summary
    return {
      n: closed.n,
      mean: meanOf(closedOf(summary, definition), 'no unit has a closed window and a value'),
      variance: pick(sampleVariance(closed), ({ variance }) => variance),
      current: { n: current.n, mean: meanOf(current, 'no unit has a value') },
      missing,
      ...(definition.adoption && {
        interval: adoptionInterval(summary, definition, { ...analysis, isClustered }),
      }),
    }
  }
  return Object.fromEntries(variants.map(({ name }) => [name, tellArm(summaries[name]!)]))
}

/** What exists in one arm only is not compared. */
function compareTreatments(
  { variants, control }: Experiment,
  { adoption }: SealedMetric,
  compareWith: (variant: string) => Comparison,
): MetricEvaluation['comparisons'] {
  const treatments = adoption ? [] : variants.filter(({ name }) => name !== control)
  return Object.fromEntries(treatments.map(({ name }) => [name, compareWith(name)]))
}

function meanOf({ n, mean }: MetricSummary['closed'], why: string): ArmEvaluation['mean'] {
  return n === 0 ? notEstimable('no-data', why) : finite(mean)
}

function planComparison(
  experiment: Experiment,
  summary: TrialSummary,
  ledger: LookLedger,
  { metric, variant, kind }: Pick<PrimaryPlan, 'metric' | 'variant' | 'kind'>,
): MetricPlan {
  const { analysis, hypothesis, metrics } = experiment
  const definition = metrics[metric]!
  const isPrimary = definition.role === 'primary'
  const rule = experiment.guardrails.find((guardrail) => guardrail.metric === metric)
  const guardrail = rule && {
    rule,
    alpha: guardrailAlpha(experiment),
    asOf: summary.asOf,
    lateness: analysis.maximumLateness,
  }
  const isMeasured = definition.source === 'measurements'
  const strata = isMeasured ? undefined : strataOf(experiment, summary, metric, variant)
  // A primary has its attempt's share of alpha, and is decided by the plan's method.
  const primary = isPrimary && {
    metric,
    variant,
    kind,
    analysis,
    at: summary.asOf,
    past: pastLooks(ledger, metric, variant),
    ...(hypothesis.metric === metric && { minimumLift: hypothesis.minimumLift }),
  }
  return {
    definition,
    alpha:
      guardrail && definition.role === 'guardrail'
        ? guardrail.alpha
        : comparisonAlpha(experiment, metric, {
            role: definition.role,
            attemptShare: ledger.attempt.share,
          }),
    fixedAlpha: analysis.alpha,
    tuneAt: analysis.tuneAt,
    ...(analysis.expectedUnitsPerDay !== undefined && { unitsPerDay: analysis.expectedUnitsPerDay }),
    ...(experiment.cluster && { cluster: experiment.cluster }),
    ...(strata && { strata }),
    ...(guardrail && { guardrail }),
    ...(primary && { primary }),
    ...(isMeasured && {
      exposed: { control: summary.units[experiment.control] ?? 0, treatment: summary.units[variant] ?? 0 },
    }),
  }
}

/** Numbers folded by another plan say nothing under this one. */
function refuseForeign(experiment: Experiment, summary: TrialSummary): void {
  if (summary.experiment === experiment.key && summary.fingerprint === experiment.fingerprint) return
  throw new ExperimentError(
    'definition-changed',
    `The summary is of ${summary.experiment} with fingerprint ${summary.fingerprint}, the definition is ${experiment.key} with ${experiment.fingerprint}.`,
    'Fold the log again by this definition, or evaluate the summary by the one it was made with.',
  )
}

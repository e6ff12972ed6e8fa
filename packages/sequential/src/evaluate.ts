import type {
  ArmEvaluation,
  Evaluation,
  Experiment,
  LookKind,
  LookLedger,
  MetricEvaluation,
  MetricSummary,
  SealedMetric,
  TrialSummary,
} from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import { sampleVariance } from '@fairtrial/statistics'
import { closedOf, compare, type MetricPlan, sequenceAgain } from './evaluation/compare.ts'
import { comparisonAlpha, guardrailAlpha } from './evaluation/error-budget.ts'
import { finite, notEstimable, pick } from './evaluation/estimate.ts'
import { judgeFamilies } from './evaluation/families.ts'
import { openLedger } from './evaluation/ledger.ts'
import { compareAllArms } from './evaluation/omnibus.ts'
import { strataOf } from './evaluation/strata.ts'

/** What came before this look, and why it is taken. */
export interface EvaluateOptions {
  /** `looks` of the evaluation before, of the same phase; without it this is the first look. */
  readonly ledger?: LookLedger
  /**
   * Why the look is taken; `scheduled` by default: it decides when it is due, and describes when it is not. A `glance`
   * takes no look, also when one is due: guardrails are judged, and primaries stay as the ledger has them.
   */
  readonly look?: LookKind | 'glance'
}

/**
 * What is known at one look, whatever the looks before: every treatment against control on every metric, with
 * intervals of the asymptotic confidence sequence (Waudby-Smith et al. 2024) that the plan has tuned.
 *
 * The error is spent as the plan says: a primary metric has its share of `alpha`, split evenly over the treatments;
 * guardrails share `falseAbortAlpha` evenly over guardrails and treatments; any other metric has `alpha`, unadjusted.
 *
 * @throws ExperimentError `definition-changed` when the summary is of another definition
 */
export function evaluate(
  experiment: Experiment,
  summary: TrialSummary,
  options: EvaluateOptions = {},
): Evaluation {
  refuseForeign(experiment, summary)
  const ledger = openLedger(experiment, summary, options.ledger)
  const planOf = (metric: string, variant: string) => planComparison(experiment, summary, metric, variant)
  const metrics = Object.entries<SealedMetric>(experiment.metrics).map(([metric, definition]) => [
    metric,
    evaluateMetric(experiment, definition, summary.metrics[metric]!, (variant) => planOf(metric, variant)),
  ])
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
    looks: ledger,
  }
}

function evaluateMetric(
  { variants, control }: Experiment,
  definition: SealedMetric,
  summaries: { readonly [variant: string]: MetricSummary },
  planOf: (variant: string) => MetricPlan,
): MetricEvaluation {
  const { type, role, direction } = definition
  const names = variants.map(({ name }) => name)
  const against = (name: string) => compare(summaries[control]!, summaries[name]!, planOf(name))
  return {
    role,
    direction,
    variants: Object.fromEntries(names.map((name) => [name, evaluateArm(summaries[name]!, definition)])),
    comparisons: Object.fromEntries(
      names.filter((name) => name !== control).map((name) => [name, against(name)]),
    ),
    ...(type === 'proportion' &&
      names.length > 2 && { omnibus: compareAllArms(names.map((name) => summaries[name]!.closed)) }),
  }
}

function evaluateArm(summary: MetricSummary, definition: SealedMetric): ArmEvaluation {
  const { closed, current, missing } = summary
  return {
    n: closed.n,
    mean: meanOf(closedOf(summary, definition), 'no unit has a closed window and a value'),
    variance: pick(sampleVariance(closed), ({ variance }) => variance),
    current: { n: current.n, mean: meanOf(current, 'no unit has a value') },
    missing,
  }
}

function meanOf({ n, mean }: MetricSummary['closed'], why: string): ArmEvaluation['mean'] {
  return n === 0 ? notEstimable('no-data', why) : finite(mean)
}

function planComparison(
  experiment: Experiment,
  summary: TrialSummary,
  metric: string,
  variant: string,
): MetricPlan {
  const definition = experiment.metrics[metric]!
  const { alpha, tuneAt, expectedUnitsPerDay } = experiment.analysis
  const rule = experiment.guardrails.find((guardrail) => guardrail.metric === metric)
  const guardrail = rule && { rule, alpha: guardrailAlpha(experiment) }
  const strata = strataOf(experiment, summary, metric, variant)
  return {
    definition,
    alpha:
      guardrail && definition.role === 'guardrail'
        ? guardrail.alpha
        : comparisonAlpha(experiment, metric, definition.role),
    fixedAlpha: alpha,
    tuneAt,
    ...(expectedUnitsPerDay !== undefined && { unitsPerDay: expectedUnitsPerDay }),
    ...(experiment.cluster && { cluster: experiment.cluster }),
    ...(strata && { strata }),
    ...(guardrail && { guardrail }),
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

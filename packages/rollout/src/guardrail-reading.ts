import type {
  Bounds,
  Evaluation,
  Experiment,
  GuardrailAction,
  GuardrailEvaluation,
} from '@fairtrial/protocol'
import { treatmentsOf } from './plan.ts'
import { sayCount, sayValue } from './words.ts'

/** One guardrail in one treatment arm, as the evaluation tells it; where it tells nothing, `unknown`. */
export interface GuardrailReading {
  readonly metric: string
  readonly variant: string
  readonly action: GuardrailAction
  /** It never acts. */
  readonly shadow: boolean
  readonly verdict: 'breach' | 'ok' | 'unknown'
  readonly hardLimitBreached: boolean
  /** Of the absolute effect, valid at this look; null where it cannot be had. */
  readonly interval: Bounds | null
  /** One sentence with the numbers. */
  readonly detail: string
  readonly hardLimitDetail: string
}

/**
 * Every guardrail of the definition in every treatment arm. The list comes from the definition, not from the
 * evaluation, so that a guardrail which the evaluation forgot is an unknown one and not an absent one.
 */
export function readGuardrails(experiment: Experiment, evaluation: Evaluation): readonly GuardrailReading[] {
  return experiment.guardrails.flatMap(({ metric, action, shadow = false }) =>
    treatmentsOf(experiment).map((variant) => {
      const comparison = evaluation.metrics[metric]?.comparisons[variant]
      const bounds = comparison?.interval.absolute
      const told = comparison?.guardrail
      const limit = told?.hardLimit
      const hardLimitBreached = limit?.breached === true
      return {
        metric,
        variant,
        action,
        shadow,
        verdict: told?.verdict === 'breach' || told?.verdict === 'ok' ? told.verdict : 'unknown',
        hardLimitBreached,
        interval: bounds === undefined || 'notEstimable' in bounds ? null : bounds,
        detail: `Guardrail ${metric}, ${variant}: ${told?.detail ?? 'the evaluation says nothing about it.'}`,
        hardLimitDetail: hardLimitBreached
          ? `Hard limit on ${metric}: ${variant} stands at ${limit.detail ?? sayLimit(limit, experiment.metrics[metric])}`
          : '',
      }
    }),
  )
}

/** Of an evaluation that has no sentence for it. */
function sayLimit(
  { mean, units, worst }: NonNullable<GuardrailEvaluation['hardLimit']>,
  metric: Experiment['metrics'][string] | undefined,
): string {
  return `${sayValue(mean, metric)} over ${sayCount(units, 'unit')}; the worst allowed is ${sayValue(worst, metric)}.`
}

/** Those that may keep a rollout from going on: an alert is told and never decides, and one in shadow never acts. */
export function binding(readings: readonly GuardrailReading[]): readonly GuardrailReading[] {
  return readings.filter(({ action, shadow }) => action !== 'alert' && !shadow)
}

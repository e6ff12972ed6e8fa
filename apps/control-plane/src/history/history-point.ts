import type { Comparison, Estimate, Evaluation, Experiment, SealedGuardrail } from '@fairtrial/protocol'
import type { HistoryComparison, HistoryGuardrail, HistoryPoint } from '@fairtrial/rollout'
import type { TickResult } from '@fairtrial/rollout/controller'

/** What is kept of one look; null where there is no state to tell of. */
export function historyPoint(
  experiment: Experiment,
  { at, state, decision, audit, incomplete, ...look }: TickResult,
): HistoryPoint | null {
  if (state === null) return null
  // A curve through half a log would show what was not.
  const evaluation = incomplete === undefined ? look.evaluation : null
  const { phase, revision, stage, trafficPercent, status } = state
  const treatments = experiment.variants.map(({ name }) => name).filter((name) => name !== experiment.control)
  return {
    at,
    phase,
    revision,
    stage,
    trafficPercent,
    status,
    action: decision?.action ?? null,
    rule: decision?.rule ?? null,
    units: evaluation?.units ?? {},
    sampleRatioP: audit?.sampleRatio?.anytimePValue ?? null,
    verdict: audit?.verdict ?? null,
    guardrails:
      evaluation === null
        ? []
        : experiment.guardrails.flatMap((guardrail) =>
            treatments.map((variant) => guardrailPoint(experiment, guardrail, variant, evaluation)),
          ),
    primaries: Object.entries(evaluation?.metrics ?? {})
      .filter(([, { role }]) => role === 'primary')
      .flatMap(([metric, { comparisons }]) =>
        Object.entries(comparisons).map(([variant, comparison]) =>
          comparisonPoint(metric, variant, comparison),
        ),
      ),
  }
}

function guardrailPoint(
  { control, metrics }: Experiment,
  { metric, margin }: SealedGuardrail,
  variant: string,
  evaluation: Evaluation,
): HistoryGuardrail {
  const told = evaluation.metrics[metric]
  const comparison = told?.comparisons[variant]
  const base = told?.variants[control]?.mean
  const size = 'absolute' in margin ? margin.absolute : scaled(margin.relative, base)
  return {
    ...comparisonPoint(metric, variant, comparison),
    margin: size === null ? null : metrics[metric]?.direction === 'decrease' ? size : -size,
    verdict: comparison?.guardrail?.verdict ?? 'unknown',
  }
}

function comparisonPoint(
  metric: string,
  variant: string,
  comparison: Comparison | undefined,
): HistoryComparison {
  const bounds = comparison?.interval.absolute
  const [lower, upper] = bounds === undefined || 'notEstimable' in bounds ? [null, null] : bounds
  return { metric, variant, estimate: numberOf(comparison?.effect.absolute), lower, upper }
}

function scaled(share: number, base: Estimate<number> | undefined): number | null {
  const mean = numberOf(base)
  return mean === null ? null : share * Math.abs(mean)
}

function numberOf(estimate: Estimate<number> | undefined): number | null {
  return typeof estimate === 'number' ? estimate : null
}

import type { Experiment, MetricRole } from '@fairtrial/protocol'

/**
 * The two-sided error of one comparison over all looks. A primary metric has its share of the plan's alpha, and of that
 * its attempt's, split over the treatments; any other one the whole of it, unadjusted.
 */
export function comparisonAlpha(
  experiment: Experiment,
  metric: string,
  { role, attemptShare }: { readonly role: MetricRole; readonly attemptShare: number },
): number {
  const { alpha, alphaSplit } = experiment.analysis
  if (role !== 'primary') return alpha
  return Math.max(LEAST, (alpha * (alphaSplit?.[metric] ?? 1) * attemptShare) / treatmentCount(experiment))
}

/** After fifty attempts next to nothing is left. Of still less, 1 − alpha is 1 in doubles, a level that no interval has. */
const LEAST = 1e-15

/** One guardrail's error on one treatment: the chance of a false abort, split evenly over all of them (Bonferroni). */
export function guardrailAlpha(experiment: Experiment): number {
  return experiment.analysis.falseAbortAlpha / (experiment.guardrails.length * treatmentCount(experiment))
}

function treatmentCount({ variants }: Experiment): number {
  return variants.length - 1
}

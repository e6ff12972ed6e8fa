import type { Experiment, MetricRole } from '@fairtrial/protocol'

/**
 * The two-sided error of one comparison over all looks. A primary metric has its share of the plan's alpha, split
 * over the treatments; any other one the whole of it, unadjusted.
 */
export function comparisonAlpha(experiment: Experiment, metric: string, role: MetricRole): number {
  const { alpha, alphaSplit } = experiment.analysis
  if (role !== 'primary') return alpha
  return (alpha * (alphaSplit?.[metric] ?? 1)) / treatmentCount(experiment)
}

/** One guardrail's error on one treatment: the chance of a false abort, split evenly over all of them (Bonferroni). */
export function guardrailAlpha(experiment: Experiment): number {
  return experiment.analysis.falseAbortAlpha / (experiment.guardrails.length * treatmentCount(experiment))
}

function treatmentCount({ variants }: Experiment): number {
  return variants.length - 1
}

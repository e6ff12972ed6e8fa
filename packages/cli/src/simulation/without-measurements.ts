import type { Experiment } from '@fairtrial/protocol'

/** The plan without metrics of measurements and their guardrails: nothing in it says what requests a unit makes. */
export function withoutMeasurements(experiment: Experiment): Experiment {
  const isMeasured = (metric: string) => experiment.metrics[metric]?.source === 'measurements'
  const metrics = Object.entries(experiment.metrics).filter(([metric]) => !isMeasured(metric))
  return {
    ...experiment,
    metrics: Object.fromEntries(metrics),
    guardrails: experiment.guardrails.filter(({ metric }) => !isMeasured(metric)),
  }
}

import type { ExperimentDefinition } from './experiment.ts'
import type { EffectSize } from './metric.ts'

/**
 * The hypothesis as the one sentence that can be false.
 *
 * @example 'Of TV viewers, with the session model: start-rate increases by at least 2 % of control within 28d.'
 */
export function hypothesisSentence({
  hypothesis,
  metrics,
}: Pick<ExperimentDefinition, 'hypothesis' | 'metrics'>): string {
  const { change, population, metric, direction, minimumLift, horizon } = hypothesis
  const lift = liftOf(minimumLift, metrics[metric]?.unit)
  return `Of ${population}, with ${change}: ${metric} ${direction}s by at least ${lift} within ${horizon}.`
}

function liftOf(size: EffectSize, unit: string | undefined): string {
  if ('absolute' in size) return unit === undefined ? `${size.absolute}` : `${size.absolute} ${unit}`
  // Of 0.07, 7 and not 7.000000000000001.
  return `${Number((size.relative * 100).toPrecision(12))} % of control`
}

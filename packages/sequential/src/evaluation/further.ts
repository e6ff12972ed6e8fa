import type { Experiment, MetricEvaluation, TrialSummary } from '@fairtrial/protocol'
import { evaluateDaily } from './daily.ts'
import { compareAllArms } from './omnibus.ts'
import { evaluateDimensions, type SegmentsQuery } from './segments.ts'

/** What is told of a metric beside its comparisons: all arms at once, along dimensions, by day. */
export function tellFurther(
  experiment: Experiment,
  summary: TrialSummary,
  query: SegmentsQuery,
): Pick<MetricEvaluation, 'omnibus' | 'dimensions' | 'daily'> {
  const { variants, control, hypothesis } = experiment
  const { metric, planOf } = query
  const { type, source, adoption, byDay, practicalThreshold } = experiment.metrics[metric]!
  if (adoption || source === 'measurements') return {}
  const arms = summary.metrics[metric]!
  const names = variants.map(({ name }) => name)
  const treatments = names.filter((name) => name !== control)
  const dimensions = evaluateDimensions(experiment, summary, query)
  const threshold = practicalThreshold ?? (hypothesis.metric === metric ? hypothesis.minimumLift : undefined)
  const daily = treatments.flatMap((name) => {
    const effect = byDay && evaluateDaily(arms[control]!, arms[name]!, { ...planOf(name), threshold })
    return effect ? [[name, effect] as const] : []
  })
  return {
    ...(type === 'proportion' &&
      treatments.length > 1 && { omnibus: compareAllArms(names.map((name) => arms[name]!.closed)) }),
    ...(dimensions && { dimensions }),
    ...(daily.length > 0 && { daily: Object.fromEntries(daily) }),
  }
}

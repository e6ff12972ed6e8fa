import type { Evaluation, Experiment, MetricCaution, MetricEvaluation } from '@fairtrial/protocol'
import { layColumns } from './columns.ts'
import { comparisonText } from './comparison-text.ts'
import { dailyText } from './daily-text.ts'
import { dimensionText } from './dimension-text.ts'
import { sayBounds, sayCount, sayLevel, sayNumber } from './numbers.ts'
import { wrap } from './wrap.ts'

/** An evaluation for people: each metric's arms, then each arm against control with its intervals. */
export function evaluationText(experiment: Experiment, evaluation: Evaluation): string {
  const units = Object.entries(evaluation.units).map(([variant, n]) => `${variant} ${sayCount(n)}`)
  return [
    wrap(`${evaluation.experiment}: units ${units.join(', ')}`, '', '  '),
    ...Object.entries(evaluation.metrics).map(([name, metric]) => metricText(name, metric, experiment)),
  ].join('\n\n')
}

function metricText(name: string, metric: MetricEvaluation, experiment: Experiment): string {
  const against = (variant: string) => `${variant} against ${experiment.control}`
  return [
    `${name} (${metric.role}, to ${metric.direction})`,
    armsText(metric),
    ...openWindowsText(name, metric, experiment),
    ...Object.entries(metric.comparisons).map(([variant, comparison]) =>
      comparisonText(against(variant), metric.role, comparison),
    ),
    ...omnibusText(metric),
    ...Object.entries(metric.dimensions ?? {}).map(([dimension, told]) =>
      dimensionText(dimension, told, against),
    ),
    ...Object.entries(metric.daily ?? {}).map(([variant, effect]) => dailyText(against(variant), effect)),
    ...(metric.cautions ?? []).map(cautionText),
  ].join('\n')
}

function armsText({ variants }: MetricEvaluation): string {
  const [interval] = Object.values(variants).flatMap(({ interval }) => (interval ? [interval] : []))
  const arms = Object.entries(variants).map(([variant, arm]) => [
    variant,
    sayCount(arm.n),
    sayNumber(arm.mean),
    sayNumber(arm.variance),
    ...(arm.interval ? [sayBounds(arm.interval.bounds, sayNumber)] : []),
  ])
  const heads = ['', 'units', 'mean', 'variance']
  return layColumns([interval ? [...heads, `${sayLevel(interval.level)} at any look`] : heads, ...arms])
}

/** Why a metric may have no verdict, or fewer units than were exposed. */
function openWindowsText(
  name: string,
  { variants }: MetricEvaluation,
  { metrics, cluster, analysis }: Experiment,
): string[] {
  const arms = Object.values(variants)
  const all = arms.reduce((sum, { current }) => sum + current.n, 0)
  const open = arms.reduce((sum, { n, current }) => sum + Math.max(0, current.n - n), 0)
  const window = metrics[name]?.window
  if (open === 0 || window === undefined) return []
  const units = `${sayCount(all)} ${cluster === undefined ? 'units' : 'clusters'}`
  const waiting =
    open === all ? `All ${units} wait` : `${sayCount(open)} of ${units} ${open === 1 ? 'waits' : 'wait'}`
  const late = analysis.maximumLateness
  return [
    wrap(
      `${waiting} for the window (${window}) to close and ${late} more for what comes late, and will count from then on.`,
      '  ',
    ),
  ]
}

function cautionText({ code, variant, detail, remedy }: MetricCaution): string {
  const of = variant === undefined ? '' : `, ${variant}`
  return wrap(`caution ${code}${of}: ${detail} ${remedy}`, '  ', '    ')
}

function omnibusText({ omnibus }: MetricEvaluation): string[] {
  if (omnibus === undefined) return []
  const { chiSquare, degreesOfFreedom, pValue } = omnibus
  return [
    `  all arms: chi-square ${sayNumber(chiSquare)} (df ${degreesOfFreedom}), p ${sayNumber(pValue)} at one look`,
  ]
}

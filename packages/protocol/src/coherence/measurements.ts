import { durationMs } from '../duration.ts'
import { show } from '../show.ts'
import type { MetricParts, Report } from './report.ts'

/** What is asked of a unit's outcomes, and cannot be of requests. */
const OF_OUTCOMES = [
  'window',
  'delay',
  'aggregate',
  'whenMissing',
  'denominator',
  'cap',
  'maximumEvents',
  'covariates',
  'byDay',
  'ranks',
  'rareEvents',
  'adoption',
  'baseline',
] as const

/** As sealing writes them out. */
const SEALED: MetricParts = { window: '0s', whenMissing: 'exclude' }

/** A metric of outcomes has a window; one of measurements is a mean or a quantile of requests, and no more. */
export function checkSource(path: string, metric: MetricParts, isClustered: boolean, report: Report): void {
  const { source, type, role } = metric
  if (source !== 'measurements') {
    checkWindow(path, metric, report)
    return
  }
  if (type === 'count' || type === 'ratio') {
    report(
      `${path}.type`,
      type,
      `A ${type} is of units, and a measurement is of a request.`,
      "Write 'mean', 'proportion' for ones and zeros, or 'quantile'.",
    )
  }
  if (role === 'primary') {
    report(
      `${path}.role`,
      role,
      'Looks are timed by units, and measurements do not say how many there are: they guard, and decide nothing.',
      "Write 'guardrail' or 'secondary', or track an outcome of each unit.",
    )
  }
  if (isClustered) {
    report(
      `${path}.source`,
      source,
      'Measurements are summed up by clusters of units, and here units are assigned by clusters of their own.',
      'Track an outcome of each unit, or leave cluster out.',
    )
  }
  for (const field of OF_OUTCOMES) {
    if (metric[field] === undefined || metric[field] === SEALED[field]) continue
    report(
      `${path}.${field}`,
      metric[field],
      'Means something of the outcomes of a unit, and nothing of measurements.',
      `Leave ${field} out.`,
    )
  }
}

function checkWindow(path: string, metric: MetricParts, report: Report): void {
  const { window } = metric
  const remedy = "Say how long outcomes count after the first exposure, e.g. '7d'."
  if (!('window' in metric)) report(`${path}.window`, window, 'Is missing.', remedy)
  if (window !== undefined && durationMs(window) === 0) {
    report(`${path}.window`, window, `Must be longer than nothing. It is ${show(window)}.`, remedy)
  }
}

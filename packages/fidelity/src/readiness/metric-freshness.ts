import type { Experiment, SealedMetric } from '@fairtrial/protocol'
import { toleranceOf } from '../tolerance.ts'
import { sayCount, sayDuration, sayPart } from '../words.ts'
import { RUN_IT } from './dry-run-log.ts'
import type { DryRunReport } from './dry-run.ts'
import type { ArmEvents, MetricEvents } from './metric-events.ts'
import { type Obstacle, type Seen, unseen } from './seen.ts'

/**
 * Whether each metric of the plan comes, in each arm, in time, and until the end of the dry run. What happens rarely may
 * not have been seen where that is allowed by name.
 */
export function checkMetricFreshness(
  experiment: Experiment,
  dryRun: DryRunReport | null,
  { unseenMetrics }: { readonly unseenMetrics: readonly string[] },
): Seen {
  if (dryRun === null) return unseen('There is no dry run to see metrics in.', RUN_IT)
  const { metrics, endedAt } = dryRun
  const tolerance = toleranceOf(experiment)
  const allowed: string[] = []
  const obstacles: Obstacle[] = []
  for (const metric of metrics) {
    const definition = experiment.metrics[metric.metric]
    if (definition === undefined) continue
    const arms = Object.entries(metric.arms).filter(
      ([variant]) => definition.adoption !== true || variant !== experiment.control,
    )
    const missing = arms.filter(([, { events }]) => events === 0)
    if (missing.length > 0) {
      const isAllowed = unseenMetrics.includes(metric.metric)
      const detail = sayMissing(metric, missing, definition, unitsOf(dryRun))
      if (isAllowed) allowed.push(`${detail} That is allowed here.`)
      else obstacles.push({ detail, remedy: remedyOfMissing(metric, definition) })
    }
    const seen = arms.filter(([, { events }]) => events > 0)
    obstacles.push(...lateObstacles(experiment, metric, seen, tolerance.maximumLoss))
    if (definition.rareEvents !== true)
      obstacles.push(...staleObstacles(metric, seen, endedAt, tolerance.maximumDataAge))
  }
  const all = metrics.flatMap(({ arms }) => Object.values(arms))
  const received = all.reduce((total, arm) => total + arm.received, 0)
  return {
    obstacles,
    detail: [
      `${metrics.map(sayMetric).join('; ')}.`,
      received === 0
        ? 'The log does not tell when events were received, so that their lateness was not measured.'
        : `The latest came ${sayDuration(Math.max(...all.map(({ latestMs }) => latestMs)))} after it happened; ${experiment.analysis.maximumLateness} are waited for.`,
      ...allowed,
    ].join(' '),
    evidence: {
      metrics: metrics.map(({ metric, event, arms }) => ({
        metric,
        event,
        arms: Object.fromEntries(Object.entries(arms).map(([variant, counts]) => [variant, { ...counts }])),
      })),
      allowedUnseen: [...unseenMetrics],
      maximumLateness: experiment.analysis.maximumLateness,
      maximumLoss: tolerance.maximumLoss,
      maximumDataAge: tolerance.maximumDataAge,
    },
  }
}

type Arms = readonly (readonly [variant: string, counts: ArmEvents])[]

function sayMetric({ metric, event, arms }: MetricEvents): string {
  const counts = Object.entries(arms).map(
    ([variant, { events }]) => `${variant} ${events.toLocaleString('en-US')}`,
  )
  return `${nameOf({ metric, event })} ${counts.join(', ')}`
}

/** A ratio has two events, which are told apart. */
function nameOf({ metric, event }: Pick<MetricEvents, 'metric' | 'event'>): string {
  return metric === event ? metric : `${metric} (${event})`
}

function sayMissing(
  metric: MetricEvents,
  missing: Arms,
  { rareEvents, baseline }: SealedMetric,
  units: (variant: string) => number,
): string {
  const none = missing.map(([variant, { outside }]) => {
    const astray = outside === 0 ? '' : `, ${outside.toLocaleString('en-US')} outside its window`
    return `${variant} (${sayCount(units(variant), 'unit')}${astray})`
  })
  const sentence = `Metric ${nameOf(metric)}: no event in ${none.join(', ')}.`
  if (rareEvents !== true) return sentence
  if (baseline === undefined) return `${sentence} It is rare, and no baseline tells how many to expect.`
  const expected = missing.reduce((total, [variant]) => total + baseline.mean * units(variant), 0)
  return `${sentence} It is rare: by its baseline about ${Number(expected.toPrecision(2))} were to be expected there.`
}

function remedyOfMissing({ metric, event }: MetricEvents, { rareEvents, source }: SealedMetric): string {
  const call = source === 'measurements' ? 'observe' : 'track'
  const remedy = `See that the service calls ${call} with ${event}, in every arm, behind expose.`
  return rareEvents === true
    ? `${remedy} Cause one on purpose, or allow that none was seen: --allow-unseen ${metric}.`
    : remedy
}

function lateObstacles(
  { analysis }: Experiment,
  metric: MetricEvents,
  arms: Arms,
  maximumLoss: number,
): Obstacle[] {
  return arms
    .filter(([, { late, received }]) => received > 0 && late / received > maximumLoss)
    .map(([variant, { late, received, latestMs }]) => ({
      detail: `Metric ${nameOf(metric)}: ${sayPart(late, received, 'event')} in ${variant} came later than ${analysis.maximumLateness}, the latest after ${sayDuration(latestMs)}.`,
      remedy:
        'Raise analysis.maximumLateness, which makes it another definition, or find out what holds these events up.',
    }))
}

function staleObstacles(
  metric: MetricEvents,
  arms: Arms,
  endedAt: number | null,
  maximumDataAge: number,
): Obstacle[] {
  return arms.flatMap(([variant, { newestAt }]) => {
    if (endedAt === null || newestAt === null || endedAt - newestAt <= maximumDataAge) return []
    const detail = `Metric ${nameOf(metric)}: the newest event in ${variant} is ${sayDuration(endedAt - newestAt)} older than the last exposure; at most ${sayDuration(maximumDataAge)} is allowed.`
    return [{ detail, remedy: `See why ${metric.event} ceased to come while units still met the arm.` }]
  })
}

function unitsOf({ audit }: DryRunReport): (variant: string) => number {
  return (variant) => audit.sampleRatio?.observed[variant] ?? 0
}

import { MEASUREMENT_CLUSTERS } from '@fairtrial/protocol'
import type { Experiment, SealedMetric } from '@fairtrial/protocol'
import { sum } from '../disparity.ts'
import { toleranceOf } from '../tolerance.ts'
import { sayCount, sayDuration, sayPart, sayShare } from '../words.ts'
import { besideMetrics } from './beside-metrics.ts'
import { RUN_IT } from './dry-run-log.ts'
import type { DryRunReport } from './dry-run.ts'
import { type Evenness, evennessOf } from './evenness.ts'
import type { ArmEvents, MetricEvents } from './metric-events.ts'
import { type Obstacle, type Seen, unseen } from './seen.ts'

/** What may stay open, by name. */
export interface Allowances {
  /** Metrics of rare events of which too few, or none, were seen. */
  readonly unseenMetrics: readonly string[]
  /** Metrics that one arm has less often than another. */
  readonly unevenMetrics: readonly string[]
  /** `lateness`, `covariate:EVENT`, `dimension:NAME`, `input:NAME`. */
  readonly unmeasured: readonly string[]
}

/**
 * Whether each metric of the plan comes, in each arm alike, in time, and until the end of the dry run, and with it what
 * the plan reads beside its metrics. What is not seen, not alike or not measured is let pass where that is allowed by name.
 */
export function checkMetricFreshness(
  experiment: Experiment,
  dryRun: DryRunReport | null,
  allowances: Allowances,
): Seen {
  if (dryRun === null) return unseen('There is no dry run to see metrics in.', RUN_IT)
  const { metrics, endedAt } = dryRun
  const { unseenMetrics, unevenMetrics, unmeasured } = allowances
  const tolerance = toleranceOf(experiment)
  const allowed: string[] = []
  const obstacles: Obstacle[] = []
  const stop = (isAllowed: boolean, { detail, remedy }: Obstacle) => {
    if (isAllowed) allowed.push(`${detail} That is allowed here.`)
    else obstacles.push({ detail, remedy })
  }
  const shown: (number | null)[] = []
  for (const metric of metrics) {
    const definition = experiment.metrics[metric.metric]
    if (definition === undefined) continue
    const arms = Object.entries(metric.arms).filter(
      ([variant]) => definition.adoption !== true || variant !== experiment.control,
    )
    const missing = arms.filter(([, { events }]) => events === 0)
    const mayBeUnseen = unseenMetrics.includes(metric.metric)
    if (missing.length > 0) {
      const detail = sayMissing(metric, missing, definition, unitsOf(dryRun))
      stop(mayBeUnseen, { detail, remedy: remedyOfMissing(metric, definition) })
    } else {
      const { uneven, tooFew, detectableLoss } = metricEvenness(experiment, metric, arms, unitsOf(dryRun))
      const of = `Metric ${nameOf(metric)}: `
      shown.push(detectableLoss)
      if (uneven !== null)
        stop(unevenMetrics.includes(metric.metric), {
          detail: of + uneven,
          remedy: remedyOfUneven(metric, definition),
        })
      if (tooFew !== null) {
        const orAllow =
          definition.rareEvents === true
            ? ` Or allow that few were seen: --allow-unseen ${metric.metric}.`
            : ''
        stop(mayBeUnseen, { detail: of + tooFew.detail, remedy: tooFew.remedy + orAllow })
      }
    }
    const seen = arms.filter(([, { events }]) => events > 0)
    obstacles.push(...lateObstacles(experiment, metric, seen, tolerance.maximumLoss))
    if (definition.rareEvents !== true)
      obstacles.push(...staleObstacles(metric, seen, endedAt, tolerance.maximumDataAge))
  }
  const untold = untoldObstacle(metrics, tolerance.maximumLoss)
  if (untold !== null) stop(unmeasured.includes('lateness'), untold)
  for (const { name, ...obstacle } of besideMetrics(experiment, dryRun))
    stop(unmeasured.includes(name), obstacle)
  const all = metrics.flatMap(({ arms }) => Object.values(arms))
  return {
    obstacles,
    detail: [
      `${metrics.map(sayMetric).join('; ')}.`,
      ...sayShown(shown),
      ...(untold === null
        ? [
            `The latest came ${sayDuration(Math.max(...all.map(({ latestMs }) => latestMs)))} after it happened; ${experiment.analysis.maximumLateness} are waited for.`,
          ]
        : []),
      ...allowed,
    ].join(' '),
    evidence: {
      metrics: metrics.map(({ metric, event, arms }) => ({
        metric,
        event,
        arms: Object.fromEntries(Object.entries(arms).map(([variant, counts]) => [variant, { ...counts }])),
      })),
      covariates: dryRun.covariates.map(({ arms, ...each }) => ({ ...each, arms: { ...arms } })),
      context: dryRun.context.map(({ arms, ...each }) => ({ ...each, arms: { ...arms } })),
      allowedUnseen: [...unseenMetrics],
      allowedUneven: [...unevenMetrics],
      allowedUnmeasured: [...unmeasured],
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

/** Of a metric that each of these arms has. Measurements name no unit, and are counted by analysis cluster. */
function metricEvenness(
  { metrics, analysis }: Experiment,
  { metric, event }: MetricEvents,
  arms: Arms,
  unitsIn: (variant: string) => number,
): Evenness {
  const isMeasured = metrics[metric]?.source === 'measurements'
  const shares = arms.map(([variant, { units }]) => {
    const all = isMeasured ? Math.min(MEASUREMENT_CLUSTERS, unitsIn(variant)) : unitsIn(variant)
    return { variant, has: units, of: Math.max(units, all) }
  })
  const noun = isMeasured ? 'analysis cluster' : 'unit'
  return evennessOf(shares, { what: event, noun, alpha: analysis.sampleRatio.alpha })
}

function remedyOfUneven({ metric, event }: MetricEvents, { source }: SealedMetric): string {
  const call = source === 'measurements' ? 'observe' : 'track'
  return `See that the service calls ${call} with ${event} in every arm alike. Let made-up units do the same in each arm; where the change itself does it, allow it by name: --allow-uneven ${metric}.`
}

function sayShown(losses: readonly (number | null)[]): string[] {
  const [first, ...others] = losses.filter((loss) => loss !== null)
  if (first === undefined || losses.includes(null)) return []
  const worst = Math.max(first, ...others)
  return [`A loss of ${sayShare(worst)} in one arm would have been shown of each, in four dry runs of five.`]
}

/** What was not measured has not passed. */
function untoldObstacle(metrics: readonly MetricEvents[], maximumLoss: number): Obstacle | null {
  const untold = metrics.flatMap((metric) => {
    const arms = Object.values(metric.arms)
    const events = sum(arms.map((arm) => arm.events))
    const received = sum(arms.map((arm) => arm.received))
    return events > 0 && (events - received) / events > maximumLoss
      ? [`${sayPart(events - received, events, 'event')} of ${nameOf(metric)}`]
      : []
  })
  if (untold.length === 0) return null
  return {
    detail: `The log does not tell when ${untold.join(', ')} were received, so that their lateness was not measured.`,
    remedy:
      'Let the dry run go through a control plane or topics, which note when an event comes; or allow it: --allow-unmeasured lateness.',
  }
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

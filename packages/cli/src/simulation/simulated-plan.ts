import { durationMs, type Experiment, ExperimentError, type SealedMetric } from '@fairtrial/protocol'
import type { Shape, Spread } from './draw-values.ts'
import type { Population } from './population.ts'
import { type Change, changeOf } from './resample.ts'
import { baselineOf, type Scenario } from './scenario.ts'

/** How a plan is tried. */
export interface TrafficOptions {
  /** Units that are eligible in a day; the ramp enrols its share of them. */
  readonly unitsPerDay: number
  /** Between two ticks of the controller, in milliseconds. */
  readonly lookEveryMs: number
  /** Of means. Proportions are zeros and ones, and counts are counts. */
  readonly shape: 'normal' | 'lognormal'
}

/** A metric as it is drawn. */
export interface SimulatedMetric {
  readonly name: string
  readonly isRatio: boolean
  /** From exposure until a unit's number is final. */
  readonly closesAfterMs: number
  readonly control: Spread
  readonly treatment: Spread
  /** Where units are drawn from a population: their numbers, and what a treatment makes of them. */
  readonly drawn?: { readonly values: readonly (number | null)[]; readonly change: Change }
}

/** A plan, ready to be tried in one world. Plain data: it goes to the workers as it is. */
export interface SimulatedPlan {
  readonly experiment: Experiment
  readonly traffic: TrafficOptions
  readonly metrics: readonly SimulatedMetric[]
  /** Units of the population, where units are drawn from one. */
  readonly population?: number
  /** Whether no treatment does anything. */
  readonly isWithoutEffect: boolean
}

/**
 * The plan as production code will read it, and how its metrics are drawn: each unit's number by the metric's baseline,
 * independent of the other metrics, or all of its numbers from one unit of a population; final when its window closes. What a baseline does not describe is taken out:
 * covariates, clusters, dimensions, days, ranks, caps; so are quantiles and adoption, which no plan is decided by here.
 */
export function simulatedPlan(
  given: Experiment,
  scenario: Scenario,
  traffic: TrafficOptions,
  population?: Population,
): SimulatedPlan {
  const experiment = withoutDetail(given)
  const lateness = durationMs(experiment.analysis.maximumLateness)
  return {
    experiment,
    traffic,
    isWithoutEffect: Object.keys(scenario.effects).length === 0,
    ...(population && { population: population.units }),
    metrics: Object.entries<SealedMetric>(experiment.metrics).map(([name, metric]) => {
      const { mean, variance } = baselineOf(experiment, name)
      const shape = shapeOf(metric, traffic)
      const effect = scenario.effects[name] ?? 0
      const values = population?.values[name]
      return {
        name,
        isRatio: metric.type === 'ratio',
        closesAfterMs: durationMs(metric.delay ?? '0ms') + durationMs(metric.window) + lateness,
        control: spreadOf(name, values && shape !== 'bernoulli' ? 'normal' : shape, mean, variance, 0),
        treatment: spreadOf(name, values && shape !== 'bernoulli' ? 'normal' : shape, mean, variance, effect),
        ...(values && { drawn: { values, change: changeOf(metric.type, mean, effect) } }),
      }
    }),
  }
}

function spreadOf(name: string, shape: Shape, mean: number, variance: number, effect: number): Spread {
  const moved = mean + effect
  if (shape === 'bernoulli') {
    refuseUnless(moved >= 0 && moved <= 1, name, moved, 'a proportion lies between 0 and 1')
    return { shape, mean: moved, variance: moved * (1 - moved) }
  }
  if (shape === 'normal') return { shape, mean: moved, variance }
  refuseUnless(moved > 0 && mean > 0, name, moved, 'it must stay above 0')
  // What is counted, and what is skewed, spreads with its size.
  return {
    shape,
    mean: moved,
    variance: variance * (shape === 'poisson' ? moved / mean : (moved / mean) ** 2),
  }
}

function refuseUnless(isFine: boolean, name: string, mean: number, why: string): void {
  if (isFine) return
  throw new ExperimentError(
    'invalid-argument',
    `${name} would have a mean of ${mean} in treatment, and ${why}.`,
    "See to the metric's baseline and to the size of the effect; write 0.25 for 25 %.",
  )
}

function shapeOf({ type }: SealedMetric, { shape }: TrafficOptions): Shape {
  if (type === 'proportion') return 'bernoulli'
  return type === 'count' ? 'poisson' : type === 'ratio' ? 'normal' : shape
}

function withoutDetail(given: Experiment): Experiment {
  const { cluster: _c, dimensions: _d, ...experiment } = given
  const guarded = new Set(experiment.guardrails.map(({ metric }) => metric))
  const decides = (name: string, { role }: SealedMetric) => role === 'primary' || guarded.has(name)
  const metrics = Object.entries<SealedMetric>(experiment.metrics)
    .filter(([name, metric]) => {
      if (metric.type === 'quantile' && decides(name, metric)) {
        throw new ExperimentError(
          'invalid-argument',
          `${name} is a quantile, and a mean and a variance do not say how its tail lies.`,
          'Simulate the plan without it, or with the mean of the same number in its place.',
        )
      }
      return (
        decides(name, metric) ||
        (metric.baseline !== undefined && !metric.adoption && metric.type !== 'quantile')
      )
    })
    .map(([name, metric]) => {
      const { covariates: _v, byDay: _b, ranks: _r, cap: _p, maximumEvents: _m, ...plain } = metric
      return [name, plain] as const
    })
  const kept = new Set(metrics.map(([name]) => name))
  const families = Object.entries(experiment.analysis.families ?? {})
    .map(
      ([name, family]) =>
        [name, { ...family, metrics: family.metrics.filter((each) => kept.has(each)) }] as const,
    )
    .filter(([, family]) => family.metrics.length > 0)
  // People approve at once: how long they take is no matter of the plan.
  const stages = experiment.ramp.stages.map(({ approvals: _, ...stage }) => stage)
  return {
    ...experiment,
    ramp: { ...experiment.ramp, stages },
    metrics: Object.fromEntries(metrics),
    analysis: {
      ...experiment.analysis,
      ...(families.length > 0 && { families: Object.fromEntries(families) }),
    },
  }
}

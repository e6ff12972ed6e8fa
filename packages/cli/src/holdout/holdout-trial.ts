import type { Experiment, MetricFamily, SealedMetric } from '@fairtrial/protocol'
import { HOLDOUT_ARMS } from './holdout-arm.ts'

/** What of a plan is left out: what a table does not tell, and covariates that nobody has vouched for. */
export interface LeftOut {
  readonly metrics: readonly string[]
  /** As `metric: column`: not in the table, or not named as known before the holdout began. */
  readonly covariates: readonly string[]
  readonly dimensions: readonly string[]
}

/** A holdout as a trial of its two arms. */
export interface HoldoutTrial {
  readonly trial: Experiment
  readonly leftOut: LeftOut
}

/**
 * The trial that a holdout is: its two arms, of equal size, on what of the plan a table with this header tells. The metric
 * of the hypothesis stays in it, for whoever refuses a table without it.
 *
 * It is looked at whenever somebody likes, for the plan's schedule of looks is another trial's: plans with looks are
 * read by their confidence sequence. A fixed horizon stays one look, and a posterior a posterior.
 *
 * What a plan knows before a unit's exposure to one change lies in the midst of the holdout: what has shipped by then has
 * moved it, and an estimate that is adjusted by it loses of the effect. So nothing adjusts but what is named.
 *
 * @param knownBefore columns of what was known before the holdout began
 */
export function holdoutTrial(
  experiment: Experiment,
  header: readonly string[],
  knownBefore: readonly string[],
): HoldoutTrial {
  const has = (column: string | undefined) => column !== undefined && header.includes(column)
  const isTold = ([name, { source, column, denominator }]: readonly [string, SealedMetric]) =>
    name === experiment.hypothesis.metric ||
    (source !== 'measurements' && has(column) && (denominator === undefined || has(denominator.column)))

  const adjusts = (column: string | undefined) => has(column) && knownBefore.includes(column ?? '')
  const all = Object.entries<SealedMetric>(experiment.metrics)
  const metrics = Object.fromEntries(
    all.filter(isTold).map(([name, metric]) => [name, withKnown(metric, adjusts)]),
  )
  const { dimensions = {}, analysis } = experiment
  const dimensionsTold = Object.entries(dimensions).filter(([, { column }]) => has(column))
  const { families, expectedUnitsPerDay: _, ...plan } = analysis
  const trial: Experiment = {
    ...experiment,
    variants: HOLDOUT_ARMS.map((name) => ({ name, weight: 1 })),
    control: HOLDOUT_ARMS[0],
    metrics,
    guardrails: experiment.guardrails.filter(({ metric }) => metric in metrics),
    dimensions: Object.fromEntries(
      dimensionsTold.map(([name, { stratify: isAdjusting = false, ...dimension }]) => [
        name,
        isAdjusting && adjusts(dimension.column) ? { ...dimension, stratify: true } : dimension,
      ]),
    ),
    analysis: {
      ...plan,
      method: plan.method === 'group-sequential' || plan.method === 'hybrid' ? 'asymptotic-cs' : plan.method,
      ...(families && { families: familiesOf(families, metrics) }),
    },
  }
  return {
    trial,
    leftOut: {
      metrics: all.filter((each) => !isTold(each)).map(([name]) => name),
      covariates: all
        .filter(isTold)
        .flatMap(([name, { covariates = [] }]) =>
          covariates
            .filter(({ column }) => !adjusts(column))
            .map(({ event, column = event }) => `${name}: ${column}`),
        ),
      dimensions: Object.keys(dimensions).filter((name) => !has(dimensions[name]?.column)),
    },
  }
}

/** A covariate makes an interval narrower; without it the interval is as right. */
function withKnown(
  { covariates = [], ...metric }: SealedMetric,
  adjusts: (column: string | undefined) => boolean,
): SealedMetric {
  const known = covariates.filter(({ column }) => adjusts(column))
  return known.length === 0 ? metric : { ...metric, covariates: known }
}

function familiesOf(
  families: { readonly [family: string]: MetricFamily },
  metrics: { readonly [metric: string]: SealedMetric },
): { readonly [family: string]: MetricFamily } {
  const told = Object.entries(families).map(
    ([name, family]) =>
      [name, { ...family, metrics: family.metrics.filter((each) => each in metrics) }] as const,
  )
  return Object.fromEntries(told.filter(([, family]) => family.metrics.length > 0))
}

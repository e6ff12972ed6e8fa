import type {
  DimensionEvaluation,
  Experiment,
  MetricEvaluation,
  MetricSummary,
  SegmentComparison,
  TrialSummary,
} from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import {
  adjustPValues,
  emptyMoments,
  mergeJointMoments,
  mergeMoments,
  mergeSketches,
} from '@fairtrial/statistics'
import { armsOf } from './arms.ts'
import { closedOf, effectOf, type MetricPlan, sequenceOf } from './compare.ts'
import { isEstimate, notEstimable } from './estimate.ts'
import { estimateArms } from './estimate-arms.ts'
import { interactionOf, type Subset } from './interaction.ts'

/** Which metric is told along which dimensions. */
export interface SegmentsQuery {
  readonly metric: string
  /** How the metric is compared in one treatment. */
  readonly planOf: (variant: string) => MetricPlan
  /** Dimensions that the plan does not have. */
  readonly exploratory: readonly string[]
}

/**
 * A metric's effects along each dimension. Segments share the comparison's alpha evenly, the plan's among themselves and
 * exploratory ones among themselves; interactions are corrected by Holm over the same. By what is known only after the
 * exposure there are no effects to tell.
 */
export function evaluateDimensions(
  experiment: Experiment,
  summary: TrialSummary,
  query: SegmentsQuery,
): MetricEvaluation['dimensions'] {
  const { dimensions = {} } = experiment
  const { segments = {} } = summary
  const planned = Object.keys(dimensions).filter((name) => segments[name] !== undefined)
  const before = planned.filter((name) => dimensions[name]!.known === 'before-exposure')
  const after = planned.filter((name) => dimensions[name]!.known === 'after-exposure')
  const others = query.exploratory.filter((name) => !Object.hasOwn(dimensions, name))
  for (const name of others) {
    if (segments[name] !== undefined) continue
    throw new ExperimentError(
      'invalid-argument',
      `exploratory names the dimension ${JSON.stringify(name)}, and the summary has no segments of it.`,
      `It has ${Object.keys(segments).join(', ') || 'none'}: name one of these, or fold the data along it.`,
    )
  }
  if (planned.length === 0 && others.length === 0) return undefined
  const told = {
    ...evaluateTogether(experiment, summary, query, 'pre-registered', before),
    ...describe(experiment, summary, after),
    ...evaluateTogether(experiment, summary, query, 'exploratory', others),
  }
  return Object.keys(told).length === 0 ? undefined : told
}

type Dimensions = { readonly [dimension: string]: DimensionEvaluation }
type Standing = DimensionEvaluation['standing']

/** One segment in one treatment. */
interface Cell {
  readonly dimension: string
  readonly segment: string
  readonly variant: string
  readonly comparison: SegmentComparison
}

function evaluateTogether(
  experiment: Experiment,
  summary: TrialSummary,
  { metric, planOf }: SegmentsQuery,
  standing: Standing,
  names: readonly string[],
): Dimensions {
  const count = names.reduce((sum, name) => sum + Object.keys(summary.segments![name]!).length, 0)
  const cells = names.flatMap((dimension) =>
    cellsOf(experiment, summary, dimension, (segment, variant) => {
      const segments = Object.entries(summary.segments![dimension]!)
      const arm = (name: string, isInside: boolean) =>
        segments
          .filter(([each]) => (each === segment) === isInside)
          .map(([, { metrics }]) => metrics[metric]?.[name] ?? NOBODY)
          .reduce(takeTogether, NOBODY)
      const arms = (isInside: boolean) => ({
        control: arm(experiment.control, isInside),
        treatment: arm(variant, isInside),
      })
      return compareSegment(arms(true), arms(false), planOf(variant), count)
    }),
  )
  return gather(standing, correctInteractions(cells))
}

type Arms = { readonly control: MetricSummary; readonly treatment: MetricSummary }

function compareSegment(
  arms: Arms,
  others: Arms,
  { definition, alpha, tuneAt, cluster }: MetricPlan,
  segments: number,
): Omit<SegmentComparison, 'units'> {
  const plan = { definition, alpha: alpha / segments, tuneAt }
  const read = ({ control, treatment }: Arms): Subset => {
    const estimates = estimateArms(control, treatment, definition, { ...(cluster && { cluster }) })
    const closed = { control: closedOf(control, definition), treatment: closedOf(treatment, definition) }
    const sequence = sequenceOf(control, treatment, armsOf(estimates, plan), plan)
    return { effect: effectOf(estimates, closed), estimates, sequence }
  }
  const inside = read(arms)
  const isOfMeans = definition.quantile === undefined && !definition.rareEvents
  const { difference, p } = interactionOf(inside, read(others), { ...plan, isOfMeans })
  const interval = inside.sequence.intervalAt(plan.alpha)
  return { effect: inside.effect, interval, interaction: { difference, adjustedP: p } }
}

/** By Holm over all cells; one that cannot be had still counts. */
function correctInteractions(cells: readonly Cell[]): readonly Cell[] {
  const pValues = cells.map(({ comparison: { interaction } }) => interaction.adjustedP)
  const adjusted = adjustPValues(
    pValues.map((p) => (isEstimate(p) ? p : 1)),
    'holm',
  )
  return cells.map(({ comparison, ...place }, i) => {
    const adjustedP = isEstimate(pValues[i]!) ? adjusted[i]! : pValues[i]!
    return { ...place, comparison: { ...comparison, interaction: { ...comparison.interaction, adjustedP } } }
  })
}

function describe(experiment: Experiment, summary: TrialSummary, names: readonly string[]): Dimensions {
  const none = notEstimable('not-applicable', 'known only after the exposure; never an effect')
  const level = 1 - experiment.analysis.alpha
  const nothing = {
    effect: { absolute: none, relative: none },
    interval: { level, absolute: none, relative: none },
    interaction: { difference: none, adjustedP: none },
  }
  return gather(
    'descriptive',
    names.flatMap((dimension) => cellsOf(experiment, summary, dimension, () => nothing)),
  )
}

function cellsOf(
  { variants, control }: Experiment,
  { segments }: TrialSummary,
  dimension: string,
  tell: (segment: string, variant: string) => Omit<SegmentComparison, 'units'>,
): Cell[] {
  return Object.entries(segments![dimension]!).flatMap(([segment, { units }]) =>
    variants
      .filter(({ name }) => name !== control)
      .map(({ name: variant }) => ({
        dimension,
        segment,
        variant,
        comparison: {
          units: { control: units[control] ?? 0, treatment: units[variant] ?? 0 },
          ...tell(segment, variant),
        },
      })),
  )
}

function gather(standing: Standing, cells: readonly Cell[]): Dimensions {
  const dimensions: Record<string, Record<string, Record<string, SegmentComparison>>> = {}
  for (const { dimension, segment, variant, comparison } of cells) {
    const segments = (dimensions[dimension] ??= {})
    const variants = (segments[segment] ??= {})
    variants[variant] = comparison
  }
  return Object.fromEntries(
    Object.entries(dimensions).map(([name, segments]) => [name, { standing, segments }]),
  )
}

/** Two disjoint sets of units as one, in what an estimate is made of. */
function takeTogether(a: MetricSummary, b: MetricSummary): MetricSummary {
  if (a === NOBODY) return b
  return {
    closed: mergeMoments(a.closed, b.closed),
    current: mergeMoments(a.current, b.current),
    missing: a.missing + b.missing,
    ...(a.joint && b.joint && { joint: mergeJointMoments(a.joint, b.joint) }),
    ...(a.sketch && b.sketch && { sketch: mergeSketches(a.sketch, b.sketch) }),
  }
}

const NOBODY: MetricSummary = { closed: emptyMoments, current: emptyMoments, missing: 0 }

import type { Direction, Evaluation, Experiment, RolloutState, RolloutStatus } from '@fairtrial/protocol'
import { treatmentsOf } from './plan.ts'
import { sayCount, sayDifference, sayNumber } from './words.ts'

/** A difference and its interval, null where they cannot be had. */
export interface AttributedEffect {
  readonly estimate: number
  readonly lower: number | null
  readonly upper: number | null
}

/** What one treatment adds to a metric over everybody. */
export interface AttributedRollout {
  readonly experiment: string
  readonly variant: string
  /** By the experiment's own name for it. */
  readonly metric: string
  readonly direction: Direction
  /** Of all eligible units, those that meet this treatment now: 0 to 1. */
  readonly share: number
  /** Treatment − control, among those that were compared. */
  readonly effect: AttributedEffect & { readonly level: number }
  /** `share` × effect: what the mean over everybody would be without it, and is not. */
  readonly contribution: AttributedEffect
  /** Whether the interval lies wholly on one side of zero. */
  readonly verdict: 'harms' | 'helps' | 'unclear'
  readonly status: RolloutStatus
  readonly stage: number
  readonly sentence: string
}

/** Which of the rollouts that run may have moved a metric, the most harmful first. */
export interface AttributionReport {
  readonly schema: 'fairtrial.attribution/1'
  readonly metric: string
  /** Epoch milliseconds. */
  readonly asOf: number
  readonly ranked: readonly AttributedRollout[]
  /** Treatments that are served and could not be ranked; none of them is cleared. */
  readonly unranked: readonly {
    readonly experiment: string
    readonly variant: string | null
    readonly reason: string
  }[]
  /** What this cannot say, a sentence each. */
  readonly limits: readonly string[]
}

/** A rollout, and what is known of it. */
export interface MeasuredRollout {
  readonly experiment: Experiment
  readonly state: RolloutState
  readonly evaluation: Evaluation | null
}

/**
 * Ranks all treatments that are served now by what they add to one metric over everybody: the difference of treated and
 * concurrent control, times the share of units that are treated. What moves both arms alike, as an outage does, moves
 * no difference: where none of them explains a drop, the cause is elsewhere.
 *
 * @param metric a metric's name, or that of the event it is made of
 */
export function attribute(
  metric: string,
  rollouts: readonly MeasuredRollout[],
  asOf: number,
): AttributionReport {
  const serving = rollouts.filter(({ state }) => SERVING.has(state.status) && state.awaitsStart !== true)
  const read = serving.flatMap((rollout) => readRollout(rollout, metric))
  const ranked = read.filter((found) => 'sentence' in found)
  return {
    schema: 'fairtrial.attribution/1',
    metric,
    asOf,
    ranked: ranked.toSorted((a, b) => harmOf(b) - harmOf(a)),
    unranked: read.filter((found) => 'reason' in found),
    limits: limitsOf(serving, ranked),
  }
}

const SERVING: ReadonlySet<RolloutStatus> = new Set(['running', 'holding', 'baking'])

type Unranked = AttributionReport['unranked'][number]

function readRollout(
  { experiment, state, evaluation }: MeasuredRollout,
  wanted: string,
): readonly (AttributedRollout | Unranked)[] {
  const { key, metrics } = experiment
  const metric = Object.hasOwn(metrics, wanted)
    ? wanted
    : Object.keys(metrics).find((name) => metrics[name]?.event === wanted)
  const declared = metric === undefined ? undefined : metrics[metric]
  if (metric === undefined || declared === undefined) {
    return [{ experiment: key, variant: null, reason: `${key} does not measure ${wanted}.` }]
  }
  if (declared.type === 'quantile') {
    const reason = `${metric} is a quantile: that of everybody is no sum of what the arms have.`
    return [{ experiment: key, variant: null, reason }]
  }
  return treatmentsOf(experiment).map((variant) => {
    const comparison = evaluation?.metrics[metric]?.comparisons[variant]
    const estimate = comparison?.effect.absolute
    if (comparison === undefined || estimate === undefined) {
      return { experiment: key, variant, reason: `There is no comparison of ${variant} of ${key} yet.` }
    }
    if (typeof estimate !== 'number') {
      return { experiment: key, variant, reason: `${key}, ${variant}: ${estimate.notEstimable.detail}` }
    }
    const bounds = comparison.interval.absolute
    const [lower, upper] = 'notEstimable' in bounds ? [null, null] : bounds
    const share = shareOf(experiment, state, variant)
    const times = (value: number | null) => (value === null ? null : share * value)
    const effect = { estimate, lower, upper, level: comparison.interval.level }
    const contribution = { estimate: share * estimate, lower: times(lower), upper: times(upper) }
    const say = (value: number) => sayDifference(value, declared)
    const within = lower === null || upper === null ? 'no interval' : `${say(lower)} to ${say(upper)}`
    return {
      experiment: key,
      variant,
      metric,
      direction: declared.direction,
      share,
      effect,
      contribution,
      verdict: verdictOf(declared.direction, lower, upper),
      status: state.status,
      stage: state.stage,
      sentence:
        `${key}, ${variant}: ${metric} differs from control by ${say(estimate)} (${within}) ` +
        `among ${sayNumber(100 * share)} % of units, ${say(contribution.estimate)} over all.`,
    }
  })
}

/** Of eligible units, those that meet a variant: as `assign` deals them. */
function shareOf({ variants, layer, holdout }: Experiment, state: RolloutState, variant: string): number {
  const total = variants.reduce((sum, { weight }) => sum + weight, 0)
  const weight = (variants.find(({ name }) => name === variant)?.weight ?? 0) / total
  const heldOut = (holdout?.percent ?? 0) / 100
  const inLayer = layer === undefined ? 1 : (layer.toPercent - layer.fromPercent) / 100
  const enrolled = (1 - 2 * heldOut) * inLayer * (state.trafficPercent / 100)
  // While it bakes, everybody but the holdback and those who keep the status quo has what shipped.
  return state.shippedVariant === variant ? 1 - heldOut - enrolled * (1 - weight) : enrolled * weight
}

function verdictOf(
  direction: Direction,
  lower: number | null,
  upper: number | null,
): AttributedRollout['verdict'] {
  if (lower === null || upper === null || (lower <= 0 && upper >= 0)) return 'unclear'
  return upper < 0 === (direction === 'increase') ? 'harms' : 'helps'
}

function harmOf({ direction, contribution }: AttributedRollout): number {
  return direction === 'decrease' ? contribution.estimate : -contribution.estimate
}

function limitsOf(serving: readonly MeasuredRollout[], ranked: readonly AttributedRollout[]): string[] {
  const has = (field: 'eligibility' | 'trigger') =>
    serving.some(({ experiment }) => experiment[field] !== undefined)
  const rollouts = new Set(ranked.map(({ experiment }) => experiment)).size
  return [
    'What moves treated and control alike, an outage or a holiday, shows in none of these differences.',
    'Only treatments that are served now are here: what has shipped, or was taken back, has no control to tell by.',
    ...(ranked.length > 1
      ? [
          `The first of ${sayCount(ranked.length, 'treatment')} looks worse than it is, for being the first: no interval is corrected for the choice.`,
        ]
      : []),
    ...(rollouts > 1
      ? ['A unit may be in several: contributions add up only where treatments do not act on each other.']
      : []),
    ...(has('eligibility')
      ? ['Shares are of eligible units; how many units are eligible is not known here.']
      : []),
    ...(has('trigger')
      ? ['Where only units that met a trigger are compared, a share is an upper bound.']
      : []),
  ]
}

import {
  type AuditReport,
  durationMs,
  type Evaluation,
  type Experiment,
  type LookLedger,
  type RolloutState,
} from '@fairtrial/protocol'
import { clearedSince, decide, startRollout, transition, ungated } from '@fairtrial/rollout'
import { evaluate, type RandomStream } from '@fairtrial/sequential'
import { emptyMoments, mergeMoments, type Moments } from '@fairtrial/statistics'
import { drawBinomial, drawMoments } from './draw-values.ts'
import { drawnSummary, type DrawnMetric } from './drawn-summary.ts'
import { drawPlaces, momentsAt } from './resample.ts'
import type { SimulatedPlan } from './simulated-plan.ts'

/** How one simulated trial went. */
export interface TrialEnd {
  readonly status: RolloutState['status']
  /** The rule that ended it. */
  readonly rule: string
  /** What the last look said of the hypothesis' metric, in the best treatment. */
  readonly primary: 'better' | 'worse' | 'unknown'
  readonly days: number
  /** Exposed units, of all arms, and of the treatments. */
  readonly units: number
  readonly treated: number
  /** Evaluations. */
  readonly looks: number
  /** In a world without an effect: the metrics that an A/A test beside it finds different. */
  readonly falsePositives?: readonly string[]
}

const DAY_MS = 86_400_000

/**
 * One trial, from its first stage to its end, by the production code: `evaluate`, `decide` and `transition` at every
 * tick, on summaries that are drawn. The audit trusts the data.
 */
export function runTrial(plan: SimulatedPlan, random: RandomStream): TrialEnd {
  const { experiment, traffic, metrics } = plan
  const horizonMs = durationMs(experiment.hypothesis.horizon)
  const { bake } = experiment.ramp
  const endsAt = horizonMs + (bake === undefined ? 0 : durationMs(bake.for)) + traffic.lookEveryMs
  const arms = experiment.variants.map(({ name, weight }) => ({ name, weight, units: 0 }))
  const cells = metrics.map((metric) => ({ metric, closed: arms.map((): Moments => emptyMoments), next: 0 }))
  const batches: Batch[] = []
  let state = startRollout(ungated(experiment), { now: 0 })
  let ledger: LookLedger | undefined
  let looks = 0
  let clearSince: number | null = null
  for (let now = traffic.lookEveryMs; ; now += traffic.lookEveryMs) {
    const enrolled = (traffic.unitsPerDay * traffic.lookEveryMs * state.trafficPercent) / DAY_MS / 100
    const units = split(whole(enrolled, random), arms, random)
    units.forEach((n, arm) => (arms[arm]!.units += n))
    const { population } = plan
    const places = population === undefined ? [] : units.map((n) => drawPlaces(n, population, random))
    batches.push({ endsAt: now, units, places })
    for (const cell of cells) closeBatches(cell, batches, now, experiment, random)
    const evaluation = evaluate(experiment, drawnSummary(experiment, now, arms, cells), {
      look: now < horizonMs ? 'scheduled' : 'final',
      ...(ledger && { ledger }),
    })
    ledger = evaluation.looks
    looks += 1
    const audit = trusting(experiment, now)
    const decision = decide({ experiment, state, evaluation, audit, now, clearSince })
    clearSince = clearedSince(decision, clearSince)
    state = transition(experiment, state, decision, { now, by: 'simulation' })?.to ?? state
    const isOver = state.status === 'aborted' || state.status === 'shipped' || state.status === 'stopped'
    if (!isOver && now < endsAt) continue
    const count = (named: boolean) =>
      arms.reduce((sum, arm) => sum + ((arm.name === experiment.control) === named ? arm.units : 0), 0)
    return {
      status: state.status,
      rule: decision.rule,
      primary: primaryOf(experiment, evaluation),
      days: now / DAY_MS,
      units: count(true) + count(false),
      treated: count(false),
      looks,
    }
  }
}

/** Units are whole: the fraction is one more by its chance. */
function whole(expected: number, random: RandomStream): number {
  const units = Math.floor(expected)
  return units + (random.uniform() < expected - units ? 1 : 0)
}

/** By the weights, as the hash would: each unit for itself. */
function split(
  units: number,
  arms: readonly { readonly weight: number }[],
  random: RandomStream,
): readonly number[] {
  let left = units
  let weights = arms.reduce((sum, { weight }) => sum + weight, 0)
  return arms.map(({ weight }) => {
    const own = weight === 0 ? 0 : drawBinomial(left, weight / weights, random)
    left -= own
    weights -= weight
    return own
  })
}

interface Cell extends DrawnMetric {
  readonly closed: Moments[]
  /** The first batch that is not closed. */
  next: number
}

/** The units that were enrolled between two ticks. */
interface Batch {
  readonly endsAt: number
  /** By arm. */
  readonly units: readonly number[]
  /** By arm, where units are drawn from a population: who they are. */
  readonly places: readonly (readonly number[])[]
}

/** A unit counts from the tick on at which its window has closed. */
function closeBatches(
  cell: Cell,
  batches: readonly Batch[],
  now: number,
  { variants, control }: Experiment,
  random: RandomStream,
): void {
  const { closed, metric } = cell
  const { drawn } = metric
  for (; cell.next < batches.length; cell.next++) {
    const { endsAt, units, places } = batches[cell.next]!
    if (endsAt + metric.closesAfterMs > now) return
    variants.forEach(({ name }, arm) => {
      const isControl = name === control
      const batch = drawn
        ? momentsAt(places[arm]!, drawn.values, isControl ? undefined : drawn.change, random)
        : drawMoments(units[arm]!, isControl ? metric.control : metric.treatment, random)
      closed[arm] = mergeMoments(closed[arm]!, batch)
    })
  }
}

function trusting({ key, fingerprint }: Experiment, asOf: number): AuditReport {
  return {
    schema: 'fairtrial.audit/1',
    experiment: key,
    fingerprint,
    asOf,
    verdict: 'trusted',
    findings: [],
    sampleRatio: null,
    counts: {
      exposures: 0,
      uniqueExposures: 0,
      outcomes: 0,
      replayed: 0,
      replayMismatches: 0,
      producers: 0,
      missingEvents: 0,
    },
  }
}

function primaryOf({ hypothesis }: Experiment, { metrics }: Evaluation): TrialEnd['primary'] {
  const verdicts = Object.values(metrics[hypothesis.metric]!.comparisons).map(({ verdict }) => verdict)
  if (verdicts.includes('better')) return 'better'
  return verdicts.includes('worse') ? 'worse' : 'unknown'
}

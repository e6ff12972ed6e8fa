import { exitProbabilities, type StoppingBounds } from '@fairtrial/sequential'
import { durationInDays } from '@fairtrial/statistics'
import { spendingOf } from './look-options.ts'
import { oneLookAt, type PlannedEffect, type PlannedMetric } from './one-look.ts'
import { plannedEffect, plannedMetric } from './planned-metric.ts'
import {
  type PlannedArms,
  plannedArms,
  type PlannedClusters,
  plannedClusters,
  type PlannedError,
  plannedError,
} from './planned-test.ts'
import { notesOf, varianceConvention } from './power-notes.ts'
import type { PowerOptions } from './power-options.ts'
import type { StoppingPlan } from './stopping-rule.ts'
import { plannedRule, type Trial, trialOf } from './planned-trial.ts'
import { misused } from './usage.ts'

/** An effect in the metric's own unit, and as a share of the baseline where that is known. */
export interface ToldEffect {
  readonly absolute: number
  readonly relative: number | null
}

/** What `fairtrial power --json` prints. */
export interface PowerAnswer {
  readonly schema: 'fairtrial.power/1'
  /** Whose definition was read, and which of its metrics is planned. */
  readonly experiment?: { readonly key: string; readonly metric: string }
  readonly asked: 'units' | 'power' | 'difference'
  readonly metric: {
    readonly type: PlannedMetric['type']
    readonly baseline: number | null
    /** Over units in control. */
    readonly variance: number
    readonly treatmentVariance: number
    /** Which variances make the test. */
    readonly convention: 'pooled' | 'unpooled' | 'restricted'
  }
  readonly error: PlannedError
  readonly power: number
  /** treatment − control: planned for, or found. */
  readonly difference: ToldEffect
  /** Of a non-inferiority test. */
  readonly margin: ToldEffect | null
  readonly arms: readonly {
    readonly name: string
    readonly weight: number
    /** Not rounded. */
    readonly exact: number
    readonly units: number
    readonly clusters?: number
  }[]
  readonly totalUnits: number
  readonly clusters: PlannedClusters | null
  readonly plan: ToldPlan
  /** Whole days until the last unit has come. */
  readonly days: {
    readonly unitsPerDay: number
    readonly maximum: number
    readonly underNull: number
    readonly underDifference: number
  } | null
  readonly curve: readonly PowerPoint[]
  readonly notes: readonly string[]
}

/** How the trial ends, and what that costs. */
export interface ToldPlan extends Partial<StoppingBounds> {
  readonly type: 'fixed' | StoppingPlan['type']
  readonly spending?: Extract<StoppingPlan, { type: 'group-sequential' }>['spending']
  /** Units over the two arms compared at which the confidence sequence is tightest. */
  readonly tuneAt?: number
  /** Units over those of one look with the same power; null where no one look has it. */
  readonly inflation: number | null
  /** Of all arms when the trial ends, on average. */
  readonly expectedUnits: { readonly underNull: number; readonly underDifference: number }
}

/** Of a plan that is otherwise the same, at other sizes. */
interface PowerPoint {
  /** Of all arms. */
  readonly units: number
  readonly control: number
  /** To find the planned difference. */
  readonly power: number
  /** What is found with the power that was asked for: a difference, or the margin of a non-inferiority test; null: nothing. */
  readonly detectable: ToldEffect | null
}

const SHARES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2]

/** Answers what was left open: the units, the power or the difference. */
export function powerAnswer(options: PowerOptions): PowerAnswer {
  const metric = plannedMetric(options)
  const effect = plannedEffect(options, metric)
  const error = plannedError(options)
  const clusters = plannedClusters(options)
  const arms = plannedArms(options)
  const asked = askedOf(options, effect, arms)
  const [first, ...others] = arms.weights
  const ratio = Math.min(...others) / first
  const rule = plannedRule(options, error)
  const target = options.power ?? 0.8
  if (target <= error.comparisonAlpha) {
    throw misused(
      `--power ${target} is no more than the chance of a false alarm, ${error.comparisonAlpha}.`,
      'Give a power above it, as 0.8.',
    )
  }
  const design = {
    alpha: error.comparisonAlpha,
    sides: error.sides,
    allocationRatio: ratio,
    inflation: clusters?.designEffect ?? 1,
    // A stopping rule's power counts one direction.
    farTail: rule === undefined ? 'counted' : 'ignored',
  } as const
  const trial = (difference: number | undefined): Trial =>
    trialOf(oneLookAt(metric, { ...effect, difference }, design), rule, 1 + ratio)

  const control = arms.control ?? trial(effect.difference).sizeFor(target)
  if (!(control <= Number.MAX_SAFE_INTEGER)) {
    throw misused(
      'So small an effect takes more units than can be counted.',
      'Check --mde against --sd and --baseline.',
    )
  }
  const difference = effect.difference ?? trial(undefined).detectableWith(control, target)
  if (difference === undefined) {
    throw misused(
      `No rate ${effect.direction === 1 ? 'above' : 'below'} --baseline ${metric.baseline} is found by ${control} units of control with a power of ${target}.`,
      'Give more units, or less power.',
    )
  }
  const planned = trial(difference)
  const power = asked === 'power' ? planned.powerWith(control) : target
  const weightSum = arms.weights.reduce((sum, weight) => sum + weight, 0)
  const allUnits = (units: number) => (units * weightSum) / first
  const tell = (absolute: number): ToldEffect => ({
    absolute,
    relative: metric.baseline ? absolute / Math.abs(metric.baseline) : null,
  })
  const toldArms = tellArms(arms.weights, control, clusters)
  const totalUnits = toldArms.reduce((sum, { units }) => sum + units, 0)
  const plan = toldPlan(options, planned, control, power, allUnits)
  const curve = SHARES.map((share): PowerPoint => {
    const size = control * share
    const detectable = planned.detectableWith(size, target)
    return {
      units: allUnits(size),
      control: size,
      power: planned.powerWith(size),
      detectable: detectable === undefined ? null : tell(detectable),
    }
  })
  return {
    schema: 'fairtrial.power/1',
    asked,
    metric: { ...spreadOf(metric, difference), convention: varianceConvention(metric, effect) },
    error,
    power,
    difference: tell(difference),
    margin: effect.margin === undefined ? null : tell(effect.margin),
    arms: toldArms,
    totalUnits,
    clusters: clusters ?? null,
    plan,
    days: daysOf(options.unitsPerDay, totalUnits, plan),
    curve,
    notes: notesOf(options, { metric, error, arms: toldArms, clusters, plan }),
  }
}

function tellArms(
  weights: PlannedArms['weights'],
  control: number,
  clusters: PlannedClusters | undefined,
): PowerAnswer['arms'] {
  return weights.map((weight, i) => {
    const exact = (control * weight) / weights[0]
    return {
      name: i === 0 ? 'control' : weights.length === 2 ? 'treatment' : `treatment ${i}`,
      weight,
      exact,
      // One unit alone has no spread.
      units: Math.max(2, Math.ceil(exact)),
      ...(clusters && { clusters: Math.ceil(exact / clusters.size) }),
    }
  })
}

function askedOf(
  options: PowerOptions,
  effect: PlannedEffect,
  { control }: PlannedArms,
): PowerAnswer['asked'] {
  const isPlanned = effect.difference !== undefined
  if (control === undefined) {
    if (isPlanned) return 'units'
    throw misused(
      '--mde is missing: units are counted for an effect.',
      'Give --mde, the smallest effect worth finding; --margin, the harm to rule out; or --n to be told what so many units find.',
    )
  }
  if (!isPlanned) return 'difference'
  if (options.power !== undefined) {
    throw misused(
      `--n, --power and ${options.margin === undefined ? '--mde' : '--margin'} are all given: nothing is asked.`,
      'Leave out the one that you want to know.',
    )
  }
  return 'power'
}

function toldPlan(
  options: PowerOptions,
  { oneLook, rule, growth }: Trial,
  control: number,
  power: number,
  allUnits: (control: number) => number,
): ToldPlan {
  const total = allUnits(control)
  if (rule === undefined) {
    return { type: 'fixed', inflation: 1, expectedUnits: { underNull: total, underDifference: total } }
  }
  const units = control * growth
  const bounds = rule.boundsAt(units)
  const fixed = oneLook.sizeFor(power)
  const expected = (drift: number) => total * exitProbabilities(bounds, drift).expectedInformation
  const type = options.plan as StoppingPlan['type']
  const inflation = control / fixed
  return {
    type,
    ...(type !== 'anytime' && { spending: spendingOf(options, bounds.informationFractions) }),
    ...(type !== 'group-sequential' && { tuneAt: options.tuneAt ?? units }),
    ...bounds,
    inflation: Number.isFinite(inflation) ? inflation : null,
    expectedUnits: {
      underNull: expected(0),
      underDifference: expected(rule.driftOf(oneLook.powerWith(control))),
    },
  }
}

function spreadOf(metric: PlannedMetric, difference: number) {
  const { type, baseline } = metric
  if (metric.type !== 'proportion') {
    const { variance, treatmentVariance } = metric
    return { type, baseline: baseline ?? null, variance, treatmentVariance }
  }
  const treated = metric.baseline + difference
  return {
    type,
    baseline: metric.baseline,
    variance: metric.baseline * (1 - metric.baseline),
    treatmentVariance: treated * (1 - treated),
  }
}

function daysOf(
  unitsPerDay: number | undefined,
  totalUnits: number,
  { expectedUnits }: ToldPlan,
): PowerAnswer['days'] {
  if (unitsPerDay === undefined) return null
  const daysFor = (units: number) => {
    const duration = durationInDays(units, { perDay: [unitsPerDay] })
    return 'days' in duration ? duration.days : 0
  }
  return {
    unitsPerDay,
    maximum: daysFor(totalUnits),
    underNull: expectedUnits.underNull / unitsPerDay,
    underDifference: expectedUnits.underDifference / unitsPerDay,
  }
}

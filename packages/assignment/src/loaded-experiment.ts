import type { AssignmentReason, Experiment, JsonObject, RolloutState, Variant } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import { chainOf, type Question } from './condition.ts'
import { type Gate, gateOf } from './gate.ts'
import { BUCKETS, type BucketRange, bucketsOf, rangesOf } from '@fairtrial/protocol/buckets'
import { ownedSeed, type OwnedSeed, refuseSharedSeeds } from './seed.ts'

/** What a unit is given, as an assignment tells it. */
export interface Served<V extends Variant = Variant> {
  /** Null where the unit is not enrolled. */
  readonly variant: V['name'] | null
  readonly config: JsonObject
  /** The arm's share of all buckets; null where the unit is not enrolled. */
  readonly propensity: number | null
  readonly treatmentVersion: string | null
}

/** An arm and its range in bucket space. */
export interface LoadedArm<V extends Variant = Variant> extends Served<V>, BucketRange {
  readonly definition: V
}

/** An experiment under one state, ready for `assign`: nothing is left to look up or to compute but the hashes. */
export interface LoadedExperiment<V extends Variant = Variant> {
  readonly key: string
  readonly unitType: string
  readonly fingerprint: string
  readonly phase: number
  readonly revision: number
  /** The reason for everybody, where the state enrolls nobody; null while it does, and once shipped. */
  readonly closed: AssignmentReason | null
  /** Who is not enrolled is served what has shipped: once shipped, and while baking. */
  readonly hasShipped: boolean
  /** Whether anybody is enrolled: while running, holding and baking. */
  readonly enrolls: boolean
  /** Inside are both arms of the holdout; status-quo lies first, below `statusQuoBelow`. */
  readonly holdout: Gate
  readonly statusQuoBelow: number
  readonly layer: Gate
  readonly eligibility: Question | null
  readonly traffic: Gate
  /** Holds all buckets, and yet decides: which arm. */
  readonly variant: Gate
  /** In the order in which they lie in bucket space. */
  readonly arms: readonly LoadedArm<V>[]
  /** Control, for who is not enrolled. */
  readonly notEnrolled: Served<V>
  /** What everybody gets without being enrolled: control, and once shipped, or baking, the shipped variant. */
  readonly standing: Served<V>
  readonly maximumUnitIdBytes: number
  readonly readsNumbers: boolean
  readonly seeds: readonly OwnedSeed[]
}

/** How unit ids are read. */
export interface LoadOptions {
  /** Read safe integers as unit ids, each as its decimal text. Without it a number is an `invalid-unit-id`. */
  readonly coerceUnitId?: 'string-number'
  /** Longest unit id, in UTF-8 bytes. Default 1024. */
  readonly maximumUnitIdBytes?: number
}

/**
 * Makes an experiment ready under the state it is in; a new state means loading again. Without a state, or under
 * one that was made for another definition, it still loads: `assign` then serves control and says why.
 *
 * Throws `invalid-definition` where two purposes would hash with the same seed, and `invalid-state` where the state
 * ships a variant that does not exist or its traffic is no percentage.
 */
export function loadExperiment<V extends Variant, M extends string>(
  experiment: Experiment<V, M>,
  state: RolloutState | null,
  { coerceUnitId, maximumUnitIdBytes = 1024 }: LoadOptions = {},
): LoadedExperiment<V> {
  const { key, salt, layer, holdout, eligibility } = experiment
  const holdoutSeed = ownedSeed('holdout', holdout?.name ?? '')
  const layerSeed = ownedSeed('layer', layer?.name ?? '')
  const trafficSeed = ownedSeed('traffic', salt, key)
  const variantSeed = ownedSeed('variant', salt, key)
  const seeds = [
    ...(holdout === undefined ? [] : [holdoutSeed]),
    ...(layer === undefined ? [] : [layerSeed]),
    trafficSeed,
    variantSeed,
  ]
  refuseSharedSeeds(seeds)

  const statusQuoBelow = bucketsOf(holdout?.percent ?? 0)
  const slot = { from: bucketsOf(layer?.fromPercent ?? 0), below: bucketsOf(layer?.toPercent ?? 100) }
  const arms = armsOf(experiment.variants)
  const notEnrolled = withoutArm(armNamed(arms, experiment.control))
  const closed = closedReason(experiment, state)
  const isBaking = state?.status === 'baking'
  const hasShipped = closed === null && (isBaking || state?.status === 'shipped')
  return Object.freeze({
    key,
    unitType: experiment.unitType,
    fingerprint: experiment.fingerprint,
    phase: state?.phase ?? 0,
    revision: state?.revision ?? 0,
    closed,
    hasShipped,
    enrolls: closed === null && (isBaking || !hasShipped),
    holdout: gateOf(holdoutSeed.seed, { from: 0, below: statusQuoBelow * 2 }, statusQuoBelow > 0),
    statusQuoBelow,
    layer: gateOf(layerSeed.seed, slot),
    eligibility: eligibility === undefined ? null : chainOf(eligibility),
    traffic: gateOf(trafficSeed.seed, { from: 0, below: bucketsOf(trafficPercentOf(state)) }),
    variant: gateOf(variantSeed.seed, { from: 0, below: BUCKETS }, true),
    arms,
    notEnrolled,
    standing: hasShipped ? withoutArm(armNamed(arms, state.shippedVariant)) : notEnrolled,
    maximumUnitIdBytes,
    readsNumbers: coerceUnitId === 'string-number',
    seeds,
  })
}

function armsOf<V extends Variant>(variants: readonly V[]): readonly LoadedArm<V>[] {
  const ranges = rangesOf(variants.map(({ weight }) => weight))
  return variants.map((definition, i) => armOf(definition, ranges[i] as BucketRange, true))
}

function armOf<V extends Variant>(
  definition: V,
  { from, below }: BucketRange,
  enrolls: boolean,
): LoadedArm<V> {
  return Object.freeze({
    variant: enrolls ? definition.name : null,
    config: frozenCopy(definition.config ?? {}),
    propensity: enrolls ? (below - from) / BUCKETS : null,
    treatmentVersion: definition.treatmentVersion ?? null,
    from,
    below,
    definition,
  })
}

/** What an arm serves to who is not enrolled in it, in the shape of an arm: `assign` reads both alike. */
function withoutArm<V extends Variant>(arm: LoadedArm<V>): Served<V> {
  return armOf(arm.definition, arm, false)
}

function armNamed<V extends Variant>(arms: readonly LoadedArm<V>[], name: string | null): LoadedArm<V> {
  const arm = arms.find((arm) => arm.variant === name)
  if (arm !== undefined) return arm
  throw new ExperimentError(
    'invalid-state',
    `The variant to be served is ${JSON.stringify(name)}, but there are only ${arms.map((arm) => arm.variant).join(', ')}.`,
    'Name one of them.',
  )
}

function closedReason<M extends string>(
  experiment: Experiment<Variant, M>,
  state: RolloutState | null,
): AssignmentReason | null {
  if (state === null) return 'no-state'
  if (state.experiment !== experiment.key || state.fingerprint !== experiment.fingerprint)
    return 'definition-mismatch'
  return state.status === 'aborted' || state.status === 'stopped' ? state.status : null
}

function trafficPercentOf(state: RolloutState | null): number {
  const percent = state?.trafficPercent ?? 0
  if (percent >= 0 && percent <= 100) return percent
  throw new ExperimentError(
    'invalid-state',
    `trafficPercent is ${percent}, which is no percentage.`,
    'Give a number from 0 to 100.',
  )
}

/** Every caller is handed the same config: what one of them writes must reach neither the others nor the definition. */
function frozenCopy(config: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(config), (_, value: unknown) => Object.freeze(value)) as JsonObject
}

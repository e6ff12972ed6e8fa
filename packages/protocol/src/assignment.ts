import * as z from 'zod'
import type { JsonScalar, JsonObject } from './json.ts'
import type { Variant } from './experiment.ts'

/** Who asks. Attributes are what eligibility may look at; they are never logged. */
export interface Unit {
  readonly unitType: string
  readonly unitId: string
  readonly attributes?: { readonly [name: string]: JsonScalar | undefined }
}

/**
 * Why an arm is what it is. Only `assigned` enrolls, and `overridden` looks like it; every other reason serves control
 * (or, after `shipped` and while `baking`, the shipped variant).
 */
export type AssignmentReason =
  | 'assigned'
  /** The arm was forced for this unit; what it does enters no analysis. */
  | 'overridden'
  /** The unit id is missing or empty. */
  | 'no-unit-id'
  /** The unit id is not a string, longer than the limit, or not well-formed Unicode. */
  | 'invalid-unit-id'
  /** The unit's type is missing or not the experiment's. */
  | 'wrong-unit-type'
  /** The unit has not consented: nothing of it is recorded, and the assignment does not name it. */
  | 'no-consent'
  | 'held-out'
  | 'outside-layer'
  | 'not-eligible'
  | 'outside-traffic'
  /** The client has no state for this experiment (yet). */
  | 'no-state'
  /** The lease on the state has lapsed. */
  | 'stale-state'
  /** The state was made for another definition than the one in hand. */
  | 'definition-mismatch'
  /** The definition in hand could not be loaded. */
  | 'invalid-definition'
  | 'aborted'
  | 'stopped'
  | 'shipped'
  | 'client-closed'

/**
 * An arm in hand. `variant` is null where the unit is not enrolled; `config` is then control's,
 * so that a caller always has something to serve.
 */
export type Assignment<V extends Variant = Variant> = V extends Variant
  ? AssignmentFields & {
      readonly variant: V['name'] | null
      readonly config: V extends { readonly config: infer C } ? C : JsonObject
    }
  : never

/** What every assignment carries, whichever the arm. */
interface AssignmentFields {
  readonly experiment: string
  readonly unitType: string
  /** Null where no usable id was given. */
  readonly unitId: string | null
  readonly reason: AssignmentReason
  /** The unit's bucket in the variant purpose, 0 to 999,999; null where it was not computed. */
  readonly bucket: number | null
  /** Seed of that hash: the upper 31 bits of the hash of purpose and salt, 0 to 2^31 − 1. */
  readonly seed: number
  /** Probability with which an enrolled unit gets this arm; null where not enrolled. */
  readonly propensity: number | null
  readonly treatmentVersion: string | null
  /** The id that the arm was computed from, where a sticky assignment keeps the arm of an earlier id. */
  readonly assignedAs?: string
  readonly fingerprint: string
  readonly phase: number
  readonly revision: number
}

/** One purpose of hashing, as `explain` tells it. */
export interface ExplainedStep {
  readonly step: 'unit' | 'state' | 'holdout' | 'layer' | 'eligibility' | 'traffic' | 'variant'
  /** A sentence: what was asked, with which numbers, and what came out. */
  readonly detail: string
  /** True when the unit may go on to the next step. */
  readonly passed: boolean
  readonly seed?: number
  readonly hash?: number
  readonly bucket?: number
}

/** An assignment with every step that led to it. */
export interface ExplainedAssignment {
  readonly assignment: Assignment
  readonly steps: readonly ExplainedStep[]
}

export const assignmentReasonSchema = z.enum([
  'assigned',
  'overridden',
  'no-unit-id',
  'invalid-unit-id',
  'wrong-unit-type',
  'no-consent',
  'held-out',
  'outside-layer',
  'not-eligible',
  'outside-traffic',
  'no-state',
  'stale-state',
  'definition-mismatch',
  'invalid-definition',
  'aborted',
  'stopped',
  'shipped',
  'client-closed',
])

import * as z from 'zod'
import { digestSchema, wireNameSchema } from './name.ts'
import { countedSchema, wholeSchema } from './whole.ts'

/** Where a rollout stands. `aborted`, `shipped` and `stopped` are final for the phase; `baking` has shipped, and watches on. */
export type RolloutStatus = 'running' | 'holding' | 'baking' | 'aborted' | 'shipped' | 'stopped'

/** One person's word that a stage may be left. */
export interface Approval {
  readonly by: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly reason: string
}

/** A readiness report that somebody has given, for this phase. */
export interface GivenReadiness {
  readonly by: string
  /** When it was given, epoch milliseconds. */
  readonly at: number
  /** When it was made. */
  readonly madeAt: number
  /** When the oldest of what it stands on was made, where the report says so. */
  readonly oldestEvidenceAt?: number
  /** Of the report's canonical JSON. The report stands in the journal. */
  readonly sha256: string
}

/** What a phase that awaits its start was opened to ask for. A plan that asks for less since then does not change it. */
export interface OpenGate {
  readonly readiness: boolean
  /** How old a report, and what it stands on, may be. Milliseconds. */
  readonly maximumAgeMs: number
  readonly approvals: number
  /** A report that stands on anything older is of what an earlier phase has outdated. Absent in a first phase. */
  readonly evidenceFrom?: number
}

/** The one mutable thing. Replaced whole, by compare-and-set on its revision. */
export interface RolloutState {
  readonly schema: 'fairtrial.state/1'
  readonly experiment: string
  /** Of the definition that this state rolls out. */
  readonly fingerprint: string
  /** From 1; a new one when the design changes, with fresh evidence. */
  readonly phase: number
  /** Grows by one with every change, over all phases. */
  readonly revision: number
  readonly status: RolloutStatus
  /** Index into `ramp.stages`. */
  readonly stage: number
  /** Share of eligible units enrolled now; while baking the holdback; 0 once aborted, stopped or shipped. */
  readonly trafficPercent: number
  /** Served to everybody once shipped; while baking, to everybody who is not enrolled. */
  readonly shippedVariant: string | null
  /** Epoch milliseconds. */
  readonly startedAt: number
  readonly stageStartedAt: number
  readonly changedAt: number
  /** Since when missing evidence holds the rollout; null while it does not. Kept while somebody holds it by hand. */
  readonly holdingSince: number | null
  /** Since when the one extension of a hold runs; null, or absent, while there is none. */
  readonly extendedAt?: number | null
  /** The operator who holds it: the controller does not leave such a hold. Null, or absent, while nobody does. */
  readonly heldBy?: string | null
  /** Of the present stage, or of the start while it is awaited. */
  readonly approvals?: readonly Approval[]
  /** The phase is open and enrols nobody: what the plan asks for before a start is not all there. Absent is false. */
  readonly awaitsStart?: boolean
  /** The report that says that the definition may begin; null, or absent, while there is none. */
  readonly readiness?: GivenReadiness | null
  /** The gate that was in force when the phase was opened; absent where it began at once. */
  readonly gate?: OpenGate
  /** Why the state is what it is, in one sentence. */
  readonly cause: string
}

/** What clients are given: the states, on a lease. */
export interface Snapshot {
  readonly schema: 'fairtrial.snapshot/1'
  /** Grows with every change of any state; an older snapshot never replaces a newer one. */
  readonly revision: number
  /** Epoch milliseconds by the issuer's clock. Clients use the difference of the two on their own clock. */
  readonly issuedAt: number
  readonly validUntil: number
  readonly states: readonly RolloutState[]
}

export const stateSchema = z.object({
  schema: z.literal('fairtrial.state/1'),
  experiment: wireNameSchema,
  fingerprint: digestSchema,
  phase: countedSchema,
  revision: countedSchema,
  status: z.enum(['running', 'holding', 'baking', 'aborted', 'shipped', 'stopped']),
  stage: wholeSchema,
  trafficPercent: z.number().min(0).max(100),
  shippedVariant: wireNameSchema.nullable(),
  startedAt: wholeSchema,
  stageStartedAt: wholeSchema,
  changedAt: wholeSchema,
  holdingSince: wholeSchema.nullable(),
  extendedAt: z.exactOptional(wholeSchema.nullable()),
  heldBy: z.exactOptional(z.string().nullable()),
  approvals: z.exactOptional(
    z.array(z.object({ by: z.string().min(1), at: wholeSchema, reason: z.string() })).max(10),
  ),
  awaitsStart: z.exactOptional(z.boolean()),
  readiness: z.exactOptional(
    z
      .object({
        by: z.string().min(1),
        at: wholeSchema,
        madeAt: wholeSchema,
        oldestEvidenceAt: z.exactOptional(wholeSchema),
        sha256: digestSchema,
      })
      .nullable(),
  ),
  gate: z.exactOptional(
    z.object({
      readiness: z.boolean(),
      maximumAgeMs: wholeSchema,
      approvals: wholeSchema,
      evidenceFrom: z.exactOptional(wholeSchema),
    }),
  ),
  cause: z.string(),
})

/** The shape of a state. Fields that it does not know are ignored: a later minor version may have them. */
export const RolloutState: z.ZodType<RolloutState> = stateSchema

/** The shape of a snapshot, of at most 10,000 states: reading more would hold up everything else. */
export const Snapshot: z.ZodType<Snapshot> = z.object({
  schema: z.literal('fairtrial.snapshot/1'),
  revision: wholeSchema,
  issuedAt: wholeSchema,
  validUntil: wholeSchema,
  states: z.array(stateSchema).max(10_000),
})

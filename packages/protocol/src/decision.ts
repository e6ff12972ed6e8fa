import * as z from 'zod'
import { type JsonObject, jsonObjectSchema } from './json.ts'
import { digestSchema, wireNameSchema } from './name.ts'
import { ReadinessReport } from './readiness.ts'
import { type RolloutState, stateSchema } from './state.ts'
import { countedSchema, wholeSchema } from './whole.ts'

/** What a decision does. An operator may also `advance`, `hold`, `resume` and `abort`. */
export type DecisionAction = 'continue' | 'advance' | 'hold' | 'abort' | 'ship' | 'stop'

/** The rule that fired, in the order in which rules are asked: harm, then doubt, then success. */
export type DecisionRule =
  | 'finished'
  | 'awaiting-start'
  | 'start'
  | 'hard-limit'
  | 'guardrail-breach'
  | 'check-failed'
  | 'budget-spent'
  | 'hold-expired'
  | 'hold-extended'
  | 'audit-broken'
  | 'missing-evidence'
  | 'guardrail-hold'
  | 'cooling-down'
  | 'operator-hold'
  | 'stage-time'
  | 'stage-units'
  | 'guardrail-unknown'
  | 'awaiting-approval'
  | 'stage-complete'
  | 'deterioration'
  | 'plan-success'
  | 'baking'
  | 'baked'
  | 'plan-end'
  | 'awaiting-plan'
  | 'operator'

/** What to do next, and why. */
export interface Decision {
  readonly schema: 'fairtrial.decision/1'
  readonly experiment: string
  readonly fingerprint: string
  readonly phase: number
  /** Of the state that was decided upon. */
  readonly revision: number
  /** Epoch milliseconds. */
  readonly decidedAt: number
  readonly action: DecisionAction
  readonly rule: DecisionRule
  /** Plain sentences, the deciding one first. */
  readonly reasons: readonly string[]
  /** What would change it, plain sentences. */
  readonly changesWhen?: readonly string[]
  /** What guardrails in shadow would have done, a sentence each; absent where there is nothing to tell. */
  readonly wouldAbort?: readonly string[]
  /** The numbers behind the reasons. */
  readonly evidence: JsonObject
  /** SHA-256 of the canonical JSON of what was decided from, 64 hex digits; null where there was none. */
  readonly digests?: { readonly evaluation: string | null; readonly audit: string | null }
  /** The treatment that is to be served to everybody; set only with `ship`. */
  readonly shipVariant?: string
}

/** One change of state, with its cause: append-only. A rollback is one of these. */
export interface TransitionEvent {
  readonly schema: 'fairtrial.transition/1'
  readonly experiment: string
  readonly at: number
  /** `controller`, or the operator's name. */
  readonly by: string
  readonly from: RolloutState | null
  readonly to: RolloutState
  readonly decision: Decision | null
  readonly reason: string
  /** Of an order that gives one. */
  readonly readiness?: ReadinessReport
  /** Of a transition that opens a phase: each variant's weight in it. A later phase holds the units of this one against them. */
  readonly weights?: { readonly [variant: string]: number }
}

const decisionSchema = z.object({
  schema: z.literal('fairtrial.decision/1'),
  experiment: wireNameSchema,
  fingerprint: digestSchema,
  phase: countedSchema,
  revision: countedSchema,
  decidedAt: wholeSchema,
  action: z.enum(['continue', 'advance', 'hold', 'abort', 'ship', 'stop']),
  rule: z.enum([
    'finished',
    'awaiting-start',
    'start',
    'hard-limit',
    'guardrail-breach',
    'check-failed',
    'budget-spent',
    'hold-expired',
    'hold-extended',
    'audit-broken',
    'missing-evidence',
    'guardrail-hold',
    'cooling-down',
    'operator-hold',
    'stage-time',
    'stage-units',
    'guardrail-unknown',
    'awaiting-approval',
    'stage-complete',
    'deterioration',
    'plan-success',
    'baking',
    'baked',
    'plan-end',
    'awaiting-plan',
    'operator',
  ]),
  reasons: z.array(z.string()),
  changesWhen: z.exactOptional(z.array(z.string())),
  wouldAbort: z.exactOptional(z.array(z.string())),
  evidence: jsonObjectSchema,
  digests: z.exactOptional(z.object({ evaluation: digestSchema.nullable(), audit: digestSchema.nullable() })),
  shipVariant: z.exactOptional(wireNameSchema),
})

/** The shape of a decision. */
export const Decision: z.ZodType<Decision> = decisionSchema

/** The shape of a transition. */
export const TransitionEvent: z.ZodType<TransitionEvent> = z.object({
  schema: z.literal('fairtrial.transition/1'),
  experiment: wireNameSchema,
  at: wholeSchema,
  by: z.string().min(1),
  from: stateSchema.nullable(),
  to: stateSchema,
  decision: decisionSchema.nullable(),
  reason: z.string(),
  readiness: z.exactOptional(ReadinessReport),
  weights: z.exactOptional(z.record(wireNameSchema, z.number().positive())),
})

import type {
  AuditReport,
  Decision,
  DecisionAction,
  DecisionRule,
  Evaluation,
  Experiment,
  JsonObject,
  LookLedger,
  RolloutState,
  RolloutStatus,
  TransitionEvent,
} from '@fairtrial/protocol'
import type { RollbackProof } from './rollback-proof.ts'

/** What is known of one rollout: what a control plane answers, and a console and a command show. */
export interface RolloutView {
  readonly schema: 'fairtrial.rollout/1'
  readonly experiment: Experiment
  /** In force now. */
  readonly state: RolloutState | null
  /** Of the last look, like the evaluation and the audit that it was made from; null before the first. */
  readonly decision: Decision | null
  readonly evaluation: Evaluation | null
  readonly audit: AuditReport | null
  /** Of a rollout that was taken back; null while it was not. */
  readonly proof: RollbackProof | null
  /** The oldest first. */
  readonly transitions: readonly TransitionEvent[]
  /** Looks taken in this phase; null where there is none, or the plan has none. */
  readonly looks: LookLedger | null
  /** Why the last look failed; null when it did not. */
  readonly error: string | null
  /** Whether the process that answers runs the loop; another does where it does not. */
  readonly leader: boolean
}

/** One rollout among others. */
export interface RolloutCard {
  readonly experiment: string
  readonly description: string | null
  /** The hypothesis in one sentence. */
  readonly hypothesis: string
  readonly control: string
  readonly stages: number
  readonly state: RolloutState | null
  readonly action: DecisionAction | null
  readonly rule: DecisionRule | null
  /** Why, in one sentence. */
  readonly reason: string | null
  /** Of the audit; null before the first. */
  readonly verdict: AuditReport['verdict'] | null
  readonly units: { readonly [variant: string]: number }
  /** Epoch milliseconds. */
  readonly decidedAt: number | null
  readonly error: string | null
}

/** All rollouts of a control plane. */
export interface RolloutList {
  readonly schema: 'fairtrial.rollouts/1'
  /** By key. */
  readonly rollouts: readonly RolloutCard[]
}

/** One comparison at one look. Numbers in the metric's own unit; null where they cannot be had. */
export interface HistoryComparison {
  readonly metric: string
  readonly variant: string
  readonly estimate: number | null
  readonly lower: number | null
  readonly upper: number | null
}

/** A guardrail at one look. */
export interface HistoryGuardrail extends HistoryComparison {
  /** The difference that must not be crossed: below zero of a metric that should increase, above of one that should decrease. */
  readonly margin: number | null
  readonly verdict: 'breach' | 'ok' | 'unknown'
}

/** What was known at one look, short enough to keep many of. */
export interface HistoryPoint {
  /** Epoch milliseconds. */
  readonly at: number
  readonly phase: number
  readonly revision: number
  readonly stage: number
  readonly trafficPercent: number
  readonly status: RolloutStatus
  readonly action: DecisionAction | null
  readonly rule: DecisionRule | null
  readonly units: { readonly [variant: string]: number }
  /** Valid at every look. */
  readonly sampleRatioP: number | null
  readonly verdict: AuditReport['verdict'] | null
  readonly guardrails: readonly HistoryGuardrail[]
  readonly primaries: readonly HistoryComparison[]
}

/** How a rollout came to be where it is: at most 2,000 points, thinned evenly; each change of state is kept. */
export interface RolloutHistory {
  readonly schema: 'fairtrial.history/1'
  readonly experiment: string
  /** The oldest first. */
  readonly points: readonly HistoryPoint[]
}

/** One thing that somebody did, or was refused, chained to the one before. */
export interface TrailEntry {
  readonly schema: 'fairtrial.trail/1'
  /** From 1, without a gap. */
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly at: number
  /** `controller`, or a person's or a token's name. */
  readonly by: string
  readonly role: 'controller' | 'service' | 'viewer' | 'operator' | 'admin' | null
  readonly kind:
    | 'transition'
    | 'refused'
    | 'definition'
    | 'note'
    | 'dissent'
    | 'proof'
    | 'violation'
    | 'notification-failed'
    | 'retention'
  readonly experiment: string | null
  readonly detail: JsonObject
  /** Hash of the entry before, 64 hex digits; null of the first. */
  readonly previous: string | null
  /** SHA-256 of the canonical JSON of this entry without its hash. */
  readonly hash: string
}

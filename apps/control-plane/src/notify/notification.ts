import type { DecisionRule, RolloutStatus, TransitionEvent } from '@fairtrial/protocol'
import { type RollbackProof, sayLastTreatment } from '@fairtrial/rollout'

/** What has happened, in a word. */
export type NotificationKind =
  | 'awaiting-start'
  | 'ready'
  | 'started'
  | 'step'
  | 'hold'
  | 'resume'
  | 'approval'
  | 'breach'
  | 'rollback'
  | 'baking'
  | 'shipped'
  | 'stopped'
  | 'changed'
  | 'rollback-proved'
  | 'rollback-unproved'
  | 'still-served'
  | 'failing'
  | 'recovered'

/** Something that people should hear of: what a webhook is sent. */
export interface Notification {
  readonly schema: 'fairtrial.notification/1'
  /** The same whenever and by whomever it is sent: whoever has seen it has seen it. */
  readonly id: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly experiment: string
  readonly kind: NotificationKind
  /** `critical`: somebody must act now. */
  readonly severity: 'info' | 'warning' | 'critical'
  /** One sentence. */
  readonly title: string
  /** More of them. */
  readonly reasons: readonly string[]
  /** What would change it. */
  readonly changesWhen: readonly string[]
  /** `controller`, or a person's name; null where nobody did it. */
  readonly by: string | null
  readonly phase: number | null
  readonly revision: number | null
  readonly status: RolloutStatus | null
  readonly stage: number | null
  readonly trafficPercent: number | null
  readonly rule: DecisionRule | null
}

/** Instances that a notification names; thousands may have something to tell. */
const NAMED = 5

const TITLES: { readonly [Kind in NotificationKind]?: string } = {
  'awaiting-start': 'is open, and awaits its start',
  ready: 'was found ready',
  started: 'has started',
  step: 'goes on to its next stage',
  hold: 'holds',
  resume: 'goes on',
  approval: 'was approved',
  rollback: 'IS TAKEN BACK',
  baking: 'has shipped, and is watched on',
  shipped: 'has shipped',
  stopped: 'has stopped',
  changed: 'has changed',
}

/** What to tell of a change of state. */
export function transitionNotification(transition: TransitionEvent): Notification {
  const { experiment, at, by, to, decision, reason } = transition
  const kind = kindOf(transition)
  const { phase, revision, status, stage, trafficPercent } = to
  return {
    schema: 'fairtrial.notification/1',
    id: `${experiment}/${revision}/${kind}`,
    at,
    experiment,
    kind,
    severity: severityOf(kind),
    title: `${experiment} ${TITLES[kind]}: ${reason}`,
    reasons: decision?.reasons ?? [reason],
    changesWhen: decision?.changesWhen ?? [],
    by,
    phase,
    revision,
    status,
    stage,
    trafficPercent,
    rule: decision?.rule ?? null,
  }
}

function severityOf(kind: NotificationKind): Notification['severity'] {
  if (kind === 'rollback') return 'critical'
  return kind === 'hold' || kind === 'awaiting-start' ? 'warning' : 'info'
}

function kindOf({ from, to, readiness }: TransitionEvent): NotificationKind {
  const isNew = from === null || to.phase > from.phase
  if (isNew && to.awaitsStart === true) return 'awaiting-start'
  const starts = from?.awaitsStart === true && to.status === 'running'
  if (isNew || starts) return 'started'
  if (readiness !== undefined) return 'ready'
  if (to.status !== from.status) {
    if (to.status === 'aborted') return 'rollback'
    if (to.status === 'holding') return 'hold'
    if (to.status !== 'running') return to.status
    return to.stage > from.stage ? 'step' : 'resume'
  }
  if (to.stage > from.stage) return 'step'
  if ((to.heldBy ?? null) !== (from.heldBy ?? null)) return to.heldBy ? 'hold' : 'resume'
  if ((to.approvals?.length ?? 0) > (from.approvals?.length ?? 0)) return 'approval'
  return 'changed'
}

/** What to tell of a rollback: that it is proved, that it is not although it should be, or that it is not kept to. */
export function proofNotification(experiment: string, at: number, proof: RollbackProof): Notification {
  const { revision, violated, proved, waitingFor } = proof
  const isViolated = violated.length > 0
  const kind = isViolated ? 'still-served' : proved ? 'rollback-proved' : 'rollback-unproved'
  const sentences = isViolated ? violated : waitingFor
  const title = isViolated
    ? `${experiment}: THE TREATMENT IS STILL SERVED after revision ${revision} has withdrawn it.`
    : proved
      ? `${experiment}: the rollback of revision ${revision} is proved; ${sayLastTreatment(proof)}.`
      : `${experiment}: the rollback of revision ${revision} IS NOT PROVED, and should be by now.`
  const left = sentences.length - NAMED
  return {
    schema: 'fairtrial.notification/1',
    id: `${experiment}/${revision}/${kind}${isViolated ? `/${violated.length}` : ''}`,
    at,
    experiment,
    kind,
    severity: isViolated ? 'critical' : proved ? 'info' : 'warning',
    title,
    reasons: [...sentences.slice(0, NAMED), ...(left > 0 ? [`And ${left} more.`] : [])],
    changesWhen: [],
    by: null,
    phase: null,
    revision,
    status: null,
    stage: null,
    trafficPercent: null,
    rule: null,
  }
}

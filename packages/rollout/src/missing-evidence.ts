import type { AuditReport, Evaluation, RolloutState } from '@fairtrial/protocol'
import { isAbsence } from './check-action.ts'
import type { Incomplete } from './half-a-log.ts'
import type { Patience } from './plan.ts'
import { sayDuration } from './words.ts'

interface Look {
  readonly state: RolloutState
  readonly evaluation: Evaluation | null
  readonly audit: AuditReport | null
  readonly incomplete?: Incomplete | null
  readonly now: number
}

/** What is missing for a decision, a sentence each; none when the evidence may be looked at. */
export function missingEvidence(
  { state, evaluation, audit, incomplete = null, now }: Look,
  patience: Patience,
): readonly string[] {
  if (incomplete !== null) return [incomplete.detail]
  return [
    ...missingDocument('evaluation', evaluation, state, patience, now),
    ...missingDocument('audit', audit, state, patience, now),
    // A phase younger than the oldest data allowed cannot have data that is too old: it waits, it does not hold.
    ...(isYoung(state, patience, now) ? [] : absences(audit)),
  ]
}

/** What a young phase still waits for. It may wait, and it may not pass. */
export function absences(audit: AuditReport | null): readonly string[] {
  return (audit?.findings ?? []).filter(isAbsence).map((finding) => finding.detail)
}

function missingDocument(
  name: 'evaluation' | 'audit',
  document: Evaluation | AuditReport | null,
  state: RolloutState,
  patience: Patience,
  now: number,
): readonly string[] {
  if (document === null) return [`There is no ${name}.`]
  if (document.experiment !== state.experiment || document.fingerprint !== state.fingerprint) {
    return [
      `The ${name} is of another definition: ${document.experiment}, ${document.fingerprint.slice(0, 12)}.`,
    ]
  }
  if ('phase' in document && document.phase !== state.phase) {
    return [`The ${name} is of phase ${document.phase}; the rollout is in phase ${state.phase}.`]
  }
  const age = now - document.asOf
  // Written so that an age which is not a number is too old.
  if (!(Math.abs(age) <= patience.maximumDataAge)) {
    return [
      `The ${name} is ${sayDuration(age)} old; at most ${sayDuration(patience.maximumDataAge)} is allowed.`,
    ]
  }
  return []
}

/** Whether the phase is younger than the oldest data that are allowed. */
export function isYoung(state: RolloutState, patience: Patience, now: number): boolean {
  return now - state.startedAt <= patience.maximumDataAge
}

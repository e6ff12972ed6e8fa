import type { Decision, Experiment, RolloutState } from '@fairtrial/protocol'
import { gateInForce, type RollbackProof, type RolloutView, sayLastTreatment } from '@fairtrial/rollout'
import { stateLine } from './state-line.ts'
import { wrap } from './wrap.ts'

/** A rollout for people: where it stands and why, what was decided last, and how far a rollback is. */
export function rolloutText(key: string, view: RolloutView): string {
  const { experiment, state, decision, audit, proof, error } = view
  if (state === null) return `${key}: no state yet`
  const { stages } = experiment.ramp
  return [
    `${key}: ${stateLine(state, stages.length)}`,
    wrap(state.cause, '  '),
    ...personLines(state, experiment),
    ...(decision ? decisionLines(decision, state) : []),
    ...(audit ? [`  audit: ${audit.verdict}`] : []),
    ...(proof ? proofLines(proof) : []),
    ...(error === null ? [] : [wrap(`the last look failed: ${error}`, '  ')]),
  ].join('\n')
}

/** Who holds it, who has given the report that a start asks for, and who has approved. */
export function personLines(state: RolloutState, experiment: Pick<Experiment, 'ramp'>): string[] {
  const { heldBy, approvals = [], status, awaitsStart = false, readiness } = state
  const isOpen = status === 'running' || status === 'holding'
  const gate = gateInForce(experiment, state)
  const needed = awaitsStart ? gate.approvals : (experiment.ramp.stages[state.stage]?.approvals ?? 0)
  const given = readiness
    ? `given by ${readiness.by}, made at ${new Date(readiness.madeAt).toISOString()}`
    : 'not given'
  return [
    ...(awaitsStart && gate.readiness ? [`  readiness report: ${given}`] : []),
    ...(heldBy ? [wrap(`held by ${heldBy}: left by resume or abort`, '  ')] : []),
    ...(isOpen && needed > 0 ? [`  approvals: ${approvals.length} of ${needed}`] : []),
    ...(isOpen ? approvals : []).map(({ by, reason }) => wrap(`${by}: ${reason}`, '    ', '      ')),
  ]
}

/** The last decision; of one that somebody's order has outrun, no more than what it was. */
export function decisionLines(
  { action, rule, revision, reasons, changesWhen = [], wouldAbort = [] }: Decision,
  state: RolloutState,
): string[] {
  if (isOutrun({ action, revision }, state)) return [`  decided before that: ${action} (${rule})`]
  return [
    `  last decision: ${action} (${rule})`,
    ...reasons.map((reason) => wrap(reason, '    ')),
    ...(changesWhen.length > 0 ? ['  what would change it:'] : []),
    ...changesWhen.map((sentence) => wrap(sentence, '    ')),
    ...wouldAbort.map((sentence) => wrap(`in shadow: ${sentence}`, '  ', '    ')),
  ]
}

/** Whether somebody's order has changed the state since it was decided upon: the decision has led to no change itself. */
export function isOutrun(
  { action, revision }: Pick<Decision, 'action' | 'revision'>,
  state: RolloutState,
): boolean {
  return revision < state.revision && (action === 'continue' || action === 'hold')
}

export function proofLines(proof: RollbackProof): string[] {
  const { proved, waitingFor, violated } = proof
  if (proved) return [`  rollback proved; ${sayLastTreatment(proof)}`]
  return ['  rollback not proved', ...[...violated, ...waitingFor].map((sentence) => wrap(sentence, '    '))]
}

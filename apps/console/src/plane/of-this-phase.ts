import type { RolloutView } from '@fairtrial/rollout'

/**
 * The view without what was known of another phase: after a retry, until its first look, the numbers of the phase before
 * stand in it still, and they are another trial's.
 */
export function ofThisPhase(view: RolloutView): RolloutView {
  const { state, decision, evaluation, audit, looks, proof } = view
  if (state === null) return view
  const isOld = evaluation !== null && evaluation.phase !== state.phase
  return {
    ...view,
    decision: decision?.phase === state.phase ? decision : null,
    evaluation: isOld ? null : evaluation,
    audit: isOld ? null : audit,
    looks: looks?.phase === state.phase ? looks : null,
    proof: state.status === 'aborted' || state.status === 'stopped' ? proof : null,
  }
}

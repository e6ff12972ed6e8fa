import { isOutrun } from '../text/rollout-text.ts'
import type { Seen } from './follow-rollout.ts'

/** A rollout in a line: when, where it stands, what was decided and why. */
export function watchLine({ view }: Seen, now: number): string {
  const { experiment, state, decision, proof, error } = view
  if (state === null) return `${new Date(now).toISOString()}  no state yet`
  const { status, stage, trafficPercent, cause } = state
  const proved = proof === null ? [] : [proof.proved ? 'rollback proved' : 'rollback not proved']
  const isOfState = decision !== null && decision.rule !== 'finished' && !isOutrun(decision, state)
  return [
    new Date(now).toISOString(),
    status.padEnd(7),
    `stage ${stage + 1}/${experiment.ramp.stages.length}`,
    `${trafficPercent} %`.padStart(5),
    isOfState ? `${decision.action}: ${decision.reasons[0] ?? ''}` : cause,
    ...proved,
    ...(error === null ? [] : [`the last look failed: ${error}`]),
  ].join('  ')
}

/** What makes a line worth printing: numbers in a reason do not. */
export function isOther({ view: a }: Seen, { view: b }: Seen): boolean {
  return JSON.stringify(gist(a)) !== JSON.stringify(gist(b))
}

function gist({ state, decision, proof, error }: Seen['view']) {
  return [
    state?.revision,
    decision?.action,
    decision?.rule,
    proof?.proved,
    proof?.violated.length,
    error === null,
  ]
}

import type { Case } from './evidence.ts'
import { stageOf } from './plan.ts'
import { missingForStart } from './start-gate.ts'
import type { Verdict } from './verdict.ts'

/**
 * A phase that is open and enrols nobody: no evidence is asked for, and no clock of the plan runs. Null where the phase
 * has started.
 */
export function judgeStart({ experiment, state, now }: Case): Verdict | null {
  if (state.awaitsStart !== true) return null
  const missing = missingForStart(experiment, state, now)
  const holder = state.heldBy ?? null
  if (holder !== null) {
    const held = `${holder} holds it by hand: ${state.cause}`
    return { action: 'hold', rule: 'operator-hold', reasons: [held, ...missing] }
  }
  if (missing.length > 0) return { action: 'hold', rule: 'awaiting-start', reasons: missing }
  const { trafficPercent } = stageOf(experiment, 0)
  const begins = `All that the plan asks for before a start is there. Phase ${state.phase} starts with ${trafficPercent} % of eligible units.`
  return { action: 'advance', rule: 'start', reasons: [begins, ...givers(state)] }
}

/** Who has said that it may start. */
function givers({ readiness, approvals = [] }: Case['state']): readonly string[] {
  return [
    ...(readiness ? [`${readiness.by} gave the readiness report ${readiness.sha256.slice(0, 12)}.`] : []),
    ...approvals.map(({ by, reason }) => `${by} approved: ${reason}`),
  ]
}

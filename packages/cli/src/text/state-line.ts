import type { RolloutState } from '@fairtrial/protocol'

/** Where a rollout stands, in a line: `running, stage 2 of 3, 50 % of traffic, phase 1, revision 2`. */
export function stateLine(state: RolloutState, stages?: number): string {
  const { status, stage, trafficPercent, phase, revision, shippedVariant, awaitsStart } = state
  const of = stages === undefined ? '' : ` of ${stages}`
  return [
    status,
    ...(awaitsStart === true ? ['awaiting its start'] : []),
    ...(shippedVariant === null ? [] : [`${shippedVariant} for everybody`]),
    `stage ${stage + 1}${of}`,
    `${trafficPercent} % of traffic${status === 'baking' ? ' held back' : ''}`,
    `phase ${phase}`,
    `revision ${revision}`,
  ].join(', ')
}

import { hypothesisSentence } from '@fairtrial/protocol'
import type { RolloutCard, RolloutView } from '@fairtrial/rollout'

/** What a card is made of: nothing that grows with the journal. */
export type Glance = Pick<RolloutView, 'experiment' | 'state' | 'decision' | 'evaluation' | 'audit' | 'error'>

/** A rollout at a glance. */
export function cardOf({ experiment, state, decision, evaluation, audit, error }: Glance): RolloutCard {
  return {
    experiment: experiment.key,
    description: experiment.description ?? null,
    hypothesis: hypothesisSentence(experiment),
    control: experiment.control,
    stages: experiment.ramp.stages.length,
    state,
    action: decision?.action ?? null,
    rule: decision?.rule ?? null,
    reason: decision?.reasons[0] ?? null,
    verdict: audit?.verdict ?? null,
    units: evaluation?.units ?? {},
    decidedAt: decision?.decidedAt ?? null,
    error,
  }
}

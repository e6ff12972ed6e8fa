import { hypothesisSentence } from '@fairtrial/protocol'
import type { RolloutCard, RolloutView } from '@fairtrial/rollout'

/** A rollout at a glance. */
export function cardOf({ experiment, state, decision, evaluation, audit, error }: RolloutView): RolloutCard {
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

import type { Experiment, RolloutState } from '@fairtrial/protocol'

/** What assignment reads of an experiment; the rest of a definition is no matter here. */
export type Part = Partial<
  Pick<Experiment, 'key' | 'salt' | 'unitType' | 'variants' | 'control' | 'layer' | 'holdout' | 'eligibility'>
>

const FINGERPRINT = 'f'.repeat(64)

export function experimentOf(part: Part = {}): Experiment {
  const key = part.key ?? part.salt ?? 'ranker'
  const variants = [
    { name: 'control', weight: 1, config: { model: 'popular' } },
    { name: 'treatment', weight: 1, config: { model: 'session' }, treatmentVersion: 'm-7' },
  ]
  const defaults = {
    key,
    salt: key,
    unitType: 'viewer',
    control: 'control',
    variants,
    fingerprint: FINGERPRINT,
  }
  return { ...defaults, ...part } as Experiment
}

export function stateOf(experiment: Experiment, part: Partial<RolloutState> = {}): RolloutState {
  return {
    schema: 'fairtrial.state/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase: 2,
    revision: 5,
    status: 'running',
    stage: 0,
    trafficPercent: 100,
    shippedVariant: null,
    startedAt: 0,
    stageStartedAt: 0,
    changedAt: 0,
    holdingSince: null,
    cause: 'started',
    ...part,
  }
}

export function viewer(unitId: unknown, attributes?: unknown) {
  return { unitType: 'viewer', unitId, attributes } as { unitType: string; unitId: string }
}

import type { Model } from './experiment.ts'
import type { ModelBehaviour } from './ranking.ts'

/** What is wrong with the world in one run of the demo. Neither the service's trial nor the controller is told. */
export interface Scenario {
  readonly behaviours: Readonly<Record<Model, ModelBehaviour>>
  /** What a rollout of the session model then ends in. */
  readonly endsIn: 'abort' | 'ship' | 'hold'
}

const popularity: ModelBehaviour = {
  baseLatencyMs: 20,
  saturatesAtShare: 1,
  saturationMsPerTenth: 0,
  finishRate: 0.4,
  forgottenExposures: 0,
}
const session: ModelBehaviour = { ...popularity, baseLatencyMs: 22, finishRate: 0.5 }

export const scenarios = {
  /** The model's cache was sized for a quarter of the requests. */
  harmful: {
    behaviours: { popularity, session: { ...session, saturatesAtShare: 0.28, saturationMsPerTenth: 90 } },
    endsIn: 'abort',
  },
  healthy: { behaviours: { popularity, session }, endsIn: 'ship' },
  /** One code path of the session model returns before it records. */
  'broken-logging': {
    behaviours: { popularity, session: { ...session, forgottenExposures: 0.15 } },
    endsIn: 'hold',
  },
} satisfies Record<string, Scenario>

export type ScenarioName = keyof typeof scenarios

export function isScenarioName(name: string): name is ScenarioName {
  return Object.hasOwn(scenarios, name)
}

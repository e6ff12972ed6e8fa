import type { Model, ModelBehaviour } from './ranking.ts'

/** What is wrong with the world in one run of the demo. The controller is never told. */
export interface Scenario {
  readonly behaviours: Readonly<Record<Model, ModelBehaviour>>
  /** Share of the session model's viewers whose exposure the service forgets to record. */
  readonly forgottenExposures: number
}

const popularity: ModelBehaviour = {
  baseLatencyMs: 20,
  saturatesAtShare: 1,
  saturationMsPerTenth: 0,
  finishRate: 0.4,
}
const session: ModelBehaviour = { ...popularity, baseLatencyMs: 22, finishRate: 0.5 }

export const scenarios = {
  /** The model's cache was sized for a quarter of the requests. */
  harmful: {
    behaviours: { popularity, session: { ...session, saturatesAtShare: 0.28, saturationMsPerTenth: 90 } },
    forgottenExposures: 0,
  },
  healthy: { behaviours: { popularity, session }, forgottenExposures: 0 },
  /** One code path of the new arm returns before it records. */
  'broken-logging': { behaviours: { popularity, session }, forgottenExposures: 0.15 },
} satisfies Record<string, Scenario>

export type ScenarioName = keyof typeof scenarios

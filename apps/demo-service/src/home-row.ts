import type { Client } from '@fairtrial/client'
import { drawsOf } from './draws.ts'
import type { Model, rankingTrial } from './experiment.ts'
import { createRanking } from './ranking.ts'
import type { Scenario } from './scenarios.ts'

/** What a viewer gets: the row, whether playback started, and whether this viewer will finish the title. */
export interface Watched {
  /** Who ranked it. */
  readonly model: Model
  readonly items: readonly string[]
  readonly started: boolean
  readonly finishes: boolean
}

/** The home row: ranked by the arm's model, shown, and playback starts, unless it took too long. */
export function createHomeRow(options: {
  readonly client: Pick<Client, 'assign' | 'expose' | 'track'>
  readonly trial: ReturnType<typeof rankingTrial>
  readonly scenario: Scenario
  readonly seed: number
  readonly wait: (ms: number) => Promise<unknown>
}) {
  const { client, trial, scenario, seed, wait } = options
  const rank = createRanking(scenario.behaviours)

  return {
    async watch(viewer: string): Promise<Watched> {
      const draw = drawsOf(seed, viewer)
      const unit = { unitType: 'viewer', unitId: viewer }
      const arm = client.assign(trial, unit)
      const { model } = arm.config
      const { forgottenExposures, finishRate } = scenario.behaviours[model]
      if (draw() >= forgottenExposures) client.expose(arm)

      const { latencyMs, items } = rank(model, draw)
      await wait(latencyMs)
      // The model's own time, not this machine's: a busy machine changes nothing of what is measured.
      client.track({ ...unit, name: 'ranking_latency', value: latencyMs })

      const started = draw() < startRate(latencyMs)
      if (started) client.track({ ...unit, name: 'started' })
      return { model, items, started, finishes: started && draw() < finishRate }
    },
    finish: (viewer: string) => client.track({ unitType: 'viewer', unitId: viewer, name: 'finished' }),
  }
}

/** Viewers who wait go away: beyond 60 ms, each further 100 ms loses 12 % of them. */
function startRate(latencyMs: number): number {
  return Math.max(0, 0.96 - Math.max(0, latencyMs - 60) * 0.0012)
}

import type { Model } from './experiment.ts'

/** What a ranking model does to a request. */
export interface Ranked {
  readonly latencyMs: number
  readonly items: readonly string[]
}

/** How a model behaves; `saturatesAtShare` is the share of all requests beyond which its cache misses. */
export interface ModelBehaviour {
  readonly baseLatencyMs: number
  readonly saturatesAtShare: number
  /** Latency added for each further tenth of all requests. */
  readonly saturationMsPerTenth: number
  /** How well the row fits: the chance that a viewer who starts also finishes. */
  readonly finishRate: number
  /** Share of viewers whose exposure is not recorded. */
  readonly forgottenExposures: number
}

const TITLES = ['Harbour Lights', 'The Long Orbit', 'Salt', 'Nine Rooms', 'Quiet Machines', 'Under Glass']

/** Requests over which a model's share of the load is taken. */
const LOAD_WINDOW = 200

/**
 * Ranks the row. A model's latency follows its share of the service's recent requests, whatever the
 * machine's speed: a cache that was sized for a canary saturates when the ramp goes on.
 */
export function createRanking(behaviours: Readonly<Record<Model, ModelBehaviour>>) {
  const recent: Model[] = []

  return function rank(model: Model, draw: () => number): Ranked {
    recent.push(model)
    if (recent.length > LOAD_WINDOW) recent.shift()
    const share = recent.filter((one) => one === model).length / LOAD_WINDOW
    const { baseLatencyMs, saturatesAtShare, saturationMsPerTenth } = behaviours[model]
    const saturation = Math.max(0, share - saturatesAtShare) * 10 * saturationMsPerTenth
    const latencyMs = (baseLatencyMs + saturation) * (0.75 + 0.5 * draw())
    const first = Math.floor(draw() * TITLES.length)
    return { latencyMs, items: [...TITLES.slice(first), ...TITLES.slice(0, first)] }
  }
}

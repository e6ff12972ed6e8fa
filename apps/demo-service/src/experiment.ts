import { defineExperiment } from '@fairtrial/protocol'

const arms = {
  popularity: { config: { model: 'popularity' }, treatmentVersion: 'popularity-7' },
  session: { config: { model: 'session' }, treatmentVersion: 'session-2' },
} as const

/** The two models; either may be the one on trial. */
export type Model = keyof typeof arms

/**
 * The trial: one model ranks the home row instead of the other. Windows and stages are seconds instead of
 * days, so that a whole rollout fits into a minute.
 */
export function rankingTrial({ control, treatment }: { control: Model; treatment: Model }) {
  return defineExperiment({
    key: 'home-row-ranking',
    hypothesis: {
      change: `ranking the home row by ${treatment} instead of by ${control}`,
      population: 'all viewers',
      metric: 'finished',
      direction: 'increase',
      minimumLift: { absolute: 0.05 },
      horizon: '5m',
    },
    unitType: 'viewer',
    variants: [
      { name: control, weight: 1, ...arms[control] },
      { name: treatment, weight: 1, ...arms[treatment] },
    ],
    control,
    metrics: {
      finished: {
        type: 'proportion',
        role: 'primary',
        direction: 'increase',
        window: '2s',
        baseline: { mean: 0.4, variance: 0.24, units: 10_000, source: 'last season' },
        practicalThreshold: { absolute: 0.02 },
        description: 'Finished the title they started.',
      },
      started: {
        type: 'proportion',
        role: 'guardrail',
        direction: 'increase',
        window: '1s',
        description: 'Playback started at all.',
      },
      ranking_latency: {
        type: 'mean',
        aggregate: 'mean',
        role: 'guardrail',
        direction: 'decrease',
        window: '1s',
        unit: 'milliseconds',
        description: 'Time to rank the row.',
      },
    },
    guardrails: [
      {
        metric: 'started',
        margin: { absolute: 0.06 },
        action: 'abort',
        evidence: { minimumUnits: 100, maximumDataAge: '15s', maximumLoss: 0.02, maximumHold: '2m' },
        hardLimit: { worst: 0.5, minimumUnits: 20 },
      },
      {
        metric: 'ranking_latency',
        margin: { relative: 0.5 },
        action: 'abort',
        evidence: { minimumUnits: 100, maximumDataAge: '15s', maximumLoss: 0.02, maximumHold: '2m' },
        hardLimit: { worst: 1000, minimumUnits: 20 },
      },
    ],
    analysis: {
      method: 'asymptotic-cs',
      tuneAt: 4000,
      maximumLateness: '500ms',
      sampleRatio: { concentration: 1000 },
    },
    ramp: {
      stages: [
        { trafficPercent: 30, holdFor: '3s', minimumUnits: 500 },
        { trafficPercent: 50, holdFor: '3s', minimumUnits: 1000 },
        { trafficPercent: 100, holdFor: '3s', minimumUnits: 2000 },
      ],
    },
  })
}

/** What the service has in production: the session model is on trial. */
export const homeRowRanking = rankingTrial({ control: 'popularity', treatment: 'session' })

import { defineExperiment } from '@fairtrial/protocol'
import type { EventLog } from '@fairtrial/rollout/controller'

/** What is decided in a trial of which nothing is ever heard: it starts, it holds, and it is taken back. */
export const SILENT_JOURNAL = ['running', 'holding', 'aborted']

/** A trial into whose log nobody writes: the decisions follow from the time alone, so that it is known what they must be. */
export function silentTrial(key: string) {
  const experiment = defineExperiment({
    key,
    unitType: 'viewer',
    hypothesis: {
      change: 'a session model ranks the home row',
      population: 'signed-in viewers',
      metric: 'watched',
      direction: 'increase',
      minimumLift: { relative: 0.02 },
      horizon: '14d',
    },
    variants: [
      { name: 'control', weight: 1 },
      { name: 'model', weight: 1 },
    ],
    control: 'control',
    metrics: {
      watched: { type: 'mean', role: 'primary', direction: 'increase', window: '30m' },
      started: { type: 'proportion', role: 'guardrail', direction: 'increase', window: '1m' },
    },
    guardrails: [
      {
        metric: 'started',
        margin: { relative: 0.02 },
        action: 'abort',
        evidence: { maximumDataAge: '5m', maximumHold: '10m' },
      },
    ],
    analysis: { method: 'asymptotic-cs', tuneAt: 10_000 },
    ramp: { stages: [{ trafficPercent: 5, holdFor: '1h', minimumUnits: 1_000 }] },
  })
  const log: EventLog = {
    readFrom: async () => ({ events: [], cursor: 0, bytesRead: 0, unreadableLines: 0 }),
  }
  return { experiment, log, start: 1_700_000_000_000 }
}

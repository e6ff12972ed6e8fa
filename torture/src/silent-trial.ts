import type { EventLog } from '@fairtrial/rollout/controller'
import { trialOf } from './experiment.ts'

/** What is decided in a trial of which nothing is ever heard: it starts, it holds, and it is taken back. */
export const SILENT_JOURNAL = ['running', 'holding', 'aborted']

/** A trial into whose log nobody writes: the decisions follow from the time alone, so that it is known what they must be. */
export function silentTrial(key: string) {
  const experiment = trialOf({
    key,
    metrics: {
      started: { type: 'proportion', role: 'primary', direction: 'increase', window: '1h' },
      failed: { type: 'proportion', role: 'guardrail', direction: 'decrease', window: '1m' },
    },
    guardrails: [
      {
        metric: 'failed',
        margin: { absolute: 0.02 },
        action: 'abort',
        evidence: { maximumDataAge: '5m', maximumHold: '10m' },
      },
    ],
    ramp: { stages: [{ trafficPercent: 5, holdFor: '1h', minimumUnits: 1_000 }] },
  })
  const log: EventLog = {
    readFrom: async () => ({ events: [], cursor: 0, bytesRead: 0, unreadableLines: 0 }),
  }
  return { experiment, log, start: 1_700_000_000_000 }
}

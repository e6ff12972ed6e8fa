import { assign, loadExperiment } from '@fairtrial/assignment'
import { createRecorder, memorySink } from '@fairtrial/exposure'
import { fakeClock } from '@fairtrial/exposure/testing'
import { defineExperiment, type LogEvent } from '@fairtrial/protocol'
import { startRollout } from '@fairtrial/rollout'

export const START = Date.UTC(2026, 0, 5, 9)
const MINUTE = 60_000

/** A ramp of an hour in two stages, with a guardrail on the share of players that start. */
export const player = defineExperiment({
  key: 'new-player',
  hypothesis: {
    change: 'the new player',
    population: 'all viewers',
    metric: 'finished',
    direction: 'increase',
    minimumLift: { relative: 0.02 },
    horizon: '14d',
  },
  unitType: 'viewer',
  variants: [
    { name: 'old', weight: 1 },
    { name: 'new', weight: 1 },
  ],
  control: 'old',
  metrics: {
    finished: { type: 'proportion', role: 'primary', direction: 'increase', window: '1m' },
    started: { type: 'proportion', role: 'guardrail', direction: 'increase', window: '1m' },
  },
  guardrails: [{ metric: 'started', margin: { absolute: 0.1 }, action: 'abort' }],
  analysis: { method: 'asymptotic-cs', tuneAt: 1_000 },
  ramp: {
    stages: [
      { trafficPercent: 50, holdFor: '10m', minimumUnits: 200 },
      { trafficPercent: 100, holdFor: '1d', minimumUnits: 10_000 },
    ],
  },
})

/** As a file has it: sealed by whoever reads it. */
export const playerJson = JSON.stringify({ ...player, fingerprint: undefined })

/** What a service records in 40 minutes at 100 % of traffic. After `harmFrom` minutes the new player starts less often. */
export async function recordTrial(harmFrom: number, phase = 1): Promise<readonly LogEvent[]> {
  const clock = fakeClock(START)
  const memory = memorySink()
  const recorder = createRecorder({ sink: memory, clock, timers: clock, producerId: 'player-1' })
  const loaded = loadExperiment(player, {
    ...startRollout(player, { now: START, phase }),
    trafficPercent: 100,
  })
  for (let minute = 0; minute < 40; minute++) {
    for (let i = 0; i < 100; i++) {
      const unit = { unitType: 'viewer', unitId: `viewer-${100 * minute + i}` }
      const arm = assign(loaded, unit)
      recorder.expose(arm)
      const starts = arm.variant === 'new' && minute >= harmFrom ? 50 : 95
      if ((37 * i) % 100 < starts) recorder.track({ ...unit, name: 'started' })
      if (i % 2 === 0) recorder.track({ ...unit, name: 'finished' })
    }
    const flushing = recorder.flush()
    await clock.advance(MINUTE)
    await flushing
  }
  const closing = recorder.close()
  await clock.advance(MINUTE)
  await closing
  return memory.events()
}

/** As segments of a log hold them. */
export function segmentOf(events: readonly LogEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}

import { createClient, type Reading } from '@fairtrial/client'
import { createRecorder } from '@fairtrial/exposure'
import { segmentSink } from '@fairtrial/exposure/segments'
import type { RolloutState, ServedReport } from '@fairtrial/protocol'
import { newPlayer } from './experiment.ts'

interface Clock {
  now(): number
  monotonic(): number
}

/** A service with made-up viewers. Where states come from, and where reports go, is here a variable. */
export function createService(instanceId: string, directory: string, clock: Clock) {
  const known: { state: RolloutState | null; report: ServedReport | null } = { state: null, report: null }
  const read = (): Reading => {
    const { state } = known
    const lease = { revision: state?.revision, issuedAt: clock.now(), validUntil: clock.now() + 300_000 }
    return { snapshot: { schema: 'fairtrial.snapshot/1', ...lease, states: [state] } }
  }
  const recorder = createRecorder({ sink: segmentSink({ directory, producerId: instanceId }), clock })
  const client = createClient({
    experiments: [newPlayer],
    instanceId,
    clock,
    source: { pollMs: Number.POSITIVE_INFINITY, read },
    recorder,
    reportServed: async (report) => void (known.report = report),
  })
  let viewer = 0

  function watch(isBroken: boolean): void {
    const unit = { unitType: 'viewer', unitId: `viewer-${viewer++}` }
    const arm = client.assign(newPlayer, unit)
    client.expose(arm)
    const isNew = arm.variant === 'new'
    const outcomes = {
      finished: isNew ? 60 : 50,
      started: isNew && isBroken ? 60 : 95,
      stalled: 5,
      complained: 2,
    }
    for (const [name, ofHundred] of Object.entries(outcomes)) {
      if ((viewer * 37) % 100 < ofHundred) client.track({ ...unit, name })
    }
  }

  return {
    /** A minute of traffic under a state. Broken is what the new player becomes some day. */
    async serve(state: RolloutState | null, isBroken: boolean): Promise<ServedReport | null> {
      known.state = state
      await client.refresh()
      for (let i = 0; i < 2_000; i++) watch(isBroken)
      await recorder.flush()
      return known.report
    },
    client,
  }
}

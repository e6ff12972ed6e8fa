import { assign } from '@fairtrial/assignment'
import type { Recorder } from '@fairtrial/exposure'
import { acknowledgedFile } from './acknowledged-file.ts'
import { loaded } from './experiment.ts'

/** Which units are exposed, how quickly, and where it is kept that they were acknowledged. */
export interface SteadyExposures {
  readonly acknowledged: string
  /** No other life of the service exposes these units. */
  readonly unitPrefix: string
  readonly perSecond: number
}

const TICK_MS = 10

/** Exposes one unit after the other at a steady rate. Returns what ends it. */
export function exposeSteadily(
  recorder: Recorder,
  { acknowledged, unitPrefix, perSecond }: SteadyExposures,
): () => void {
  const journal = acknowledgedFile(acknowledged)
  const began = performance.now()
  let exposed = 0
  const ticking = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1_000) * perSecond)
    while (exposed < due) expose(`${unitPrefix}${exposed++}`)
  }, TICK_MS)

  function expose(unitId: string): void {
    const { durable } = recorder.expose(assign(loaded, { unitType: 'viewer', unitId }))
    void durable.then((isDurable) => isDurable && journal.note(unitId))
  }

  return () => clearInterval(ticking)
}

// From a unit to an event that waits for delivery: an arm is decided, and that it was met is told. Every unit for the
// first time. GrowthBook's callback is what an integrator writes first: a line into an array. Ours has an id, a number and
// an account besides, so nothing is claimed: the ratio is shown.
import { assign, loadExperiment } from '@fairtrial/assignment'
import { stateFor } from '@fairtrial/client/testing'
import { createRecorder, type Sink } from '@fairtrial/exposure'
import { GrowthBookClient } from '@growthbook/growthbook'
import { homeRow } from './home-row.ts'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

const EVENTS = 20_000
/** Events between two turns of the event loop. */
const BURST = 2_000

export async function run(): Promise<Row[]> {
  const timings = await race({
    'GrowthBook tracking callback': { size: EVENTS, run: trackAll },
    'assign and expose': { size: EVENTS, run: exposeAll },
  })
  const benchmark = 'a unit to a queued event'
  return [
    row(benchmark, timings, 'assign and expose'),
    row(benchmark, timings, 'GrowthBook tracking callback', { against: 'assign and expose' }),
  ]
}

const units = Array.from({ length: EVENTS }, (_, i) => `viewer-${(i * 7_919) % 1_000_003}`)

const experiment = homeRow()
const loaded = loadExperiment(experiment, stateFor(experiment))

/** Takes whatever it is given at once: what is timed is the way to it. */
const discard: Sink = {
  deliver: () => Promise.resolve({ rejected: [] }),
  close: () => Promise.resolve(),
}

async function exposeAll(): Promise<void> {
  const recorder = createRecorder({ sink: discard, report: false })
  for (const [i, unitId] of units.entries()) {
    recorder.expose(assign(loaded, { unitType: 'viewer', unitId }))
    if (i % BURST === BURST - 1) await recorder.flush()
  }
  const { delivered } = await recorder.close()
  if (delivered !== EVENTS) throw new Error(`delivered ${delivered} of ${EVENTS}`)
}

async function trackAll(): Promise<void> {
  let lines: string[] = []
  let tracked = 0
  const growthbook = new GrowthBookClient({
    trackingCallback: ({ key }, { variationId, bucket, hashValue }) => {
      tracked++
      const event = {
        experiment: key,
        variant: variationId,
        bucket,
        unitId: hashValue,
        exposedAt: Date.now(),
      }
      lines.push(JSON.stringify(event))
    },
  })
  const { key } = experiment
  const rule = { key, variations: ['control', 'model'], weights: [0.5, 0.5], hashAttribute: 'id' }
  growthbook.initSync({ payload: { features: { [key]: { defaultValue: 'control', rules: [rule] } } } })
  for (const [i, id] of units.entries()) {
    growthbook.evalFeature(key, { attributes: { id } })
    if (i % BURST === BURST - 1) {
      lines = []
      await new Promise((resolve) => void setImmediate(resolve))
    }
  }
  if (tracked !== EVENTS) throw new Error(`tracked ${tracked} of ${EVENTS}`)
}

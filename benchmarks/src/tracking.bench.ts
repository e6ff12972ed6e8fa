// From a unit to an event that waits for delivery: an arm is decided, and that it was met is told. Every unit for the
// first time. GrowthBook's callback is what an integrator writes first: a line into an array. Ours has an id, a number and
// an account besides, so nothing is claimed: the ratio is shown.
import { assign, loadExperiment } from '@fairtrial/assignment'
import { createRecorder, type Sink } from '@fairtrial/exposure'
import { defineExperiment, type RolloutState } from '@fairtrial/protocol'
import { GrowthBookClient } from '@growthbook/growthbook'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

const EVENTS = 20_000
/** Events between two turns of the event loop. */
const BURST = 2_000
const KEY = 'home-ranking'

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

const experiment = defineExperiment({
  key: KEY,
  hypothesis: {
    change: 'the row is ranked',
    population: 'everybody',
    metric: 'started',
    direction: 'increase',
    minimumLift: { relative: 0.02 },
    horizon: '14d',
  },
  unitType: 'viewer',
  variants: [
    { name: 'control', weight: 1 },
    { name: 'model', weight: 1 },
  ],
  control: 'control',
  metrics: { started: { type: 'proportion', role: 'primary', direction: 'increase', window: '1d' } },
  analysis: { method: 'asymptotic-cs', tuneAt: 1_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 100 }] },
})
const loaded = loadExperiment(experiment, {
  experiment: KEY,
  fingerprint: experiment.fingerprint,
  phase: 1,
  revision: 1,
  status: 'running',
  trafficPercent: 100,
} as RolloutState)

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
  const rule = { key: KEY, variations: ['control', 'model'], weights: [0.5, 0.5], hashAttribute: 'id' }
  growthbook.initSync({ payload: { features: { [KEY]: { defaultValue: 'control', rules: [rule] } } } })
  for (const [i, id] of units.entries()) {
    growthbook.evalFeature(KEY, { attributes: { id } })
    if (i % BURST === BURST - 1) {
      lines = []
      await new Promise((resolve) => void setImmediate(resolve))
    }
  }
  if (tracked !== EVENTS) throw new Error(`tracked ${tracked} of ${EVENTS}`)
}

// One number of a request, from the call to its sums: with the arm in scope found, the cluster's mean, spread and
// bins kept. Against what a histogram of a metrics client does with it, and against doing next to nothing.
import { createObserver, type Observer } from '@fairtrial/client/observe'
import type { Arm, Timers } from '@fairtrial/exposure'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const SECONDS = Float64Array.from({ length: 1_024 }, (_, i) => 0.02 * Math.exp(Math.sin(i * 7_919)))
const NEVER: Timers = { start: () => undefined, stop: () => undefined }

const armOf = (i: number): Arm => ({
  experiment: 'home-ranking',
  unitType: 'viewer',
  unitId: `viewer-${i}`,
  reason: 'assigned',
  variant: i % 2 === 0 ? 'control' : 'session-model',
  bucket: 7,
  seed: 1,
  propensity: 0.5,
  treatmentVersion: null,
  fingerprint: '3f5c1d8f5c2b4b0e9d7a6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a392817',
  phase: 1,
  revision: 3,
})
const ARMS = Array.from({ length: 1_024 }, (_, i) => armOf(i))

export async function run(): Promise<Row[]> {
  const observer = observerOfBench()
  const timings = await observer.inScope(ARMS[0] as Arm, () =>
    race({
      'array push': pushing(),
      'bucket of a map': counting(),
      observe: (i) => observer.observe('latency', SECONDS[i % SECONDS.length] as number),
    }),
  )
  const scopes = await race({
    'function call': (i) => withoutScope(ARMS[i % ARMS.length] as Arm),
    inScope: (i) => observer.inScope(ARMS[i % ARMS.length] as Arm, returnNothing),
  })
  const benchmark = 'observe, a number of a request'
  return [
    row(benchmark, timings, 'observe'),
    row(benchmark, timings, 'array push', { against: 'observe' }),
    row(benchmark, timings, 'observe', { against: 'bucket of a map', target: { atMost: 1 } }),
    row('a request in its scope', scopes, 'inScope', { against: 'function call' }),
  ]
}

function observerOfBench(): Observer {
  const recorder = { measure: () => ({ recorded: 'queued', durable: Promise.resolve(true) }) as const }
  return createObserver({ recorder, timers: NEVER })
}

/** As a client does that keeps raw values. */
function pushing() {
  let kept: number[] = []
  return (i: number) => {
    if (kept.length >= 100_000) kept = []
    return kept.push(SECONDS[i % SECONDS.length] as number)
  }
}

/** As a histogram of a metrics client does: labels to a key, a bucket found, three numbers raised. */
function counting() {
  const series = new Map<string, { sum: number; count: number; readonly buckets: number[] }>()
  return (i: number) => {
    const value = SECONDS[i % SECONDS.length] as number
    const key = `variant:${ARMS[i % 2]?.variant},name:latency`
    let one = series.get(key)
    if (one === undefined) series.set(key, (one = { sum: 0, count: 0, buckets: BOUNDS.map(() => 0) }))
    one.sum += value
    one.count += 1
    const bucket = BOUNDS.findIndex((bound) => value <= bound)
    one.buckets[bucket] = (one.buckets[bucket] ?? 0) + 1
    return one
  }
}

const returnNothing = () => undefined
const withoutScope = (arm: Arm) => (arm.variant === 'control' ? returnNothing() : undefined)

// A service that exposes units at a steady rate, and is killed. argv: JSON of `ProducerOptions`. On `stop` from stdin it
// closes, and its account is the last line of stdout.
import { once } from 'node:events'
import { createRecorder } from '@fairtrial/exposure'
import { kafkajsLibrary, kafkaSink } from '@fairtrial/exposure/kafka'
import { fileSpool } from '@fairtrial/exposure/spool'
import { exposeSteadily, type SteadyExposures } from './steady-exposures.ts'

export interface ProducerOptions extends SteadyExposures {
  readonly brokers: readonly string[]
  readonly spool: string
}

const options = JSON.parse(process.argv[2] ?? '') as ProducerOptions
const { brokers, spool } = options

const recorder = createRecorder({
  sink: kafkaSink({ library: kafkajsLibrary({ brokers, clientId: 'torture' }) }),
  spool: fileSpool({ directory: spool, sync: 'interval', maximumBytes: 2_000_000_000 }),
  queue: { maximumEvents: 100_000, maximumBytes: 100_000_000 },
})
const stop = exposeSteadily(recorder, options)
process.stdout.write('exposing\n')
// Whoever started it may be gone.
process.stdin.once('end', () => process.exit(1))
await once(process.stdin, 'data')
stop()
const account = await recorder.close(600_000)
process.stdout.write(`${JSON.stringify({ account })}\n`, () => process.exit(0))

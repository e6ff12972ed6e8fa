// A service that exposes units at a steady rate, and is killed. argv: JSON of `ProducerOptions`. On `stop` from stdin it
// closes, and its account is the last line of stdout.
import { once } from 'node:events'
import { assign } from '@fairtrial/assignment'
import { createRecorder } from '@fairtrial/exposure'
import { kafkajsLibrary, kafkaSink } from '@fairtrial/exposure/kafka'
import { fileSpool } from '@fairtrial/exposure/spool'
import { acknowledgedFile } from './acknowledged-file.ts'
import { loaded } from './experiment.ts'

export interface ProducerOptions {
  readonly brokers: readonly string[]
  readonly spool: string
  readonly acknowledged: string
  /** No other life of the service exposes these units. */
  readonly unitPrefix: string
  readonly perSecond: number
}

const { brokers, spool, acknowledged, unitPrefix, perSecond } = JSON.parse(
  process.argv[2] ?? '',
) as ProducerOptions

const recorder = createRecorder({
  sink: kafkaSink({ library: kafkajsLibrary({ brokers, clientId: 'torture' }) }),
  spool: fileSpool({ directory: spool, sync: 'interval', maximumBytes: 2_000_000_000 }),
  queue: { maximumEvents: 100_000, maximumBytes: 100_000_000 },
})
const journal = acknowledgedFile(acknowledged)

const TICK_MS = 10
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

process.stdout.write('exposing\n')
await once(process.stdin, 'data')
clearInterval(ticking)
const account = await recorder.close(600_000)
process.stdout.write(`${JSON.stringify({ exposed, account })}\n`, () => process.exit(0))

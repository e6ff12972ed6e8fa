// A service whose spool is on a disk that fails, and whose sink comes and goes. argv: JSON of `DiskProducerOptions`. On
// `stop` from stdin it closes; the last line of stdout is its account, and what its health has told on the way.
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { assign } from '@fairtrial/assignment'
import { createRecorder, type Sink } from '@fairtrial/exposure'
import { segmentSink } from '@fairtrial/exposure/segments'
import { fileSpool } from '@fairtrial/exposure/spool'
import { acknowledgedFile } from './acknowledged-file.ts'
import { loaded } from './experiment.ts'

export interface DiskProducerOptions {
  readonly spool: string
  readonly log: string
  readonly acknowledged: string
  /** While there is such a file, the sink takes nothing. */
  readonly sinkIsDown: string
  readonly unitPrefix: string
  readonly perSecond: number
}

const options = JSON.parse(process.argv[2] ?? '') as DiskProducerOptions
const { spool, log, acknowledged, sinkIsDown, unitPrefix, perSecond } = options

const segments = segmentSink({ directory: log, producerId: 'torture', sync: 'always' })
const sink: Sink = {
  deliver: async (batch) => {
    if (existsSync(sinkIsDown)) throw new Error('the sink is down')
    return segments.deliver(batch)
  },
  close: () => segments.close(),
}
const recorder = createRecorder({
  sink,
  spool: fileSpool({ directory: spool, sync: 'always' }),
  queue: { maximumEvents: 1_000_000, maximumBytes: 1_000_000_000 },
  retry: { baseMs: 10, capMs: 200 },
})
const journal = acknowledgedFile(acknowledged)
const told = new Set<string>()

const TICK_MS = 10
const began = performance.now()
let exposed = 0
const ticking = setInterval(() => {
  const due = Math.floor(((performance.now() - began) / 1_000) * perSecond)
  while (exposed < due) expose(`${unitPrefix}${exposed++}`)
  for (const { code } of recorder.health().reasons) told.add(code)
}, TICK_MS)

function expose(unitId: string): void {
  const { durable } = recorder.expose(assign(loaded, { unitType: 'viewer', unitId }))
  void durable.then((isDurable) => isDurable && journal.note(unitId))
}

process.stdout.write('exposing\n')
await once(process.stdin, 'data')
clearInterval(ticking)
const account = await recorder.close(60_000)
process.stdout.write(`${JSON.stringify({ account, told: [...told] })}\n`, () => process.exit(0))

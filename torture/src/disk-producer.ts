// A service whose spool is on a disk that fails, and whose sink comes and goes. argv: JSON of `DiskProducerOptions`. On
// `stop` from stdin it closes; the last line of stdout is its account, and what its health has told on the way.
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { createRecorder, type Sink } from '@fairtrial/exposure'
import { segmentSink } from '@fairtrial/exposure/segments'
import { fileSpool } from '@fairtrial/exposure/spool'
import { exposeSteadily, type SteadyExposures } from './steady-exposures.ts'

export interface DiskProducerOptions extends SteadyExposures {
  readonly spool: string
  readonly log: string
  /** While there is such a file, the sink takes nothing. */
  readonly sinkIsDown: string
}

const options = JSON.parse(process.argv[2] ?? '') as DiskProducerOptions
const { spool, log, sinkIsDown } = options

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
const stop = exposeSteadily(recorder, options)
const told = new Set<string>()
const listening = setInterval(() => {
  for (const { code } of recorder.health().reasons) told.add(code)
}, 10)

process.stdout.write('exposing\n')
// Whoever started it may be gone.
process.stdin.once('end', () => process.exit(1))
await once(process.stdin, 'data')
stop()
clearInterval(listening)
const account = await recorder.close(60_000)
process.stdout.write(`${JSON.stringify({ account, told: [...told] })}\n`, () => process.exit(0))

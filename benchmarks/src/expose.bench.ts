// From an assignment in hand to bytes on disk, every unit for the first time. All three write the same fields.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Arm, createRecorder, type Sink, systemClock, systemTimers } from '@fairtrial/exposure'
import { segmentSink } from '@fairtrial/exposure/segments'
import { pino } from 'pino'
// The inside of the recorder, to build it once more with JSON.stringify in it and nothing else changed.
import { Ledger } from '../../packages/exposure/src/account.ts'
import { bookkeeper } from '../../packages/exposure/src/bookkeeper.ts'
import { Delivery } from '../../packages/exposure/src/delivery.ts'
import { exposureIdWriter } from '../../packages/exposure/src/exposure-digest.ts'
import { LineBuffer } from '../../packages/exposure/src/line-buffer.ts'
import { Outbox } from '../../packages/exposure/src/outbox.ts'
import { Queue } from '../../packages/exposure/src/queue.ts'
import { SeenUnits } from '../../packages/exposure/src/seen-units.ts'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

const EVENTS = 40_000
/** Exposures between two turns of the event loop: a queue holds 10,000. */
const BURST = 4_000
const PRODUCER = { producerId: 'bench-1', sdk: '@fairtrial/exposure/0.0.0' }

export async function run(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'fairtrial-bench-'))
  const log = join(directory, 'log')
  const prepare = () => rmSync(log, { recursive: true, force: true })
  const sink = () => segmentSink({ directory: log, producerId: PRODUCER.producerId, sync: 'never' })
  try {
    const timings = await race({
      'JSON.stringify': { size: EVENTS, prepare, run: () => recordAll(stringifyingRecorder(sink())) },
      pino: { size: EVENTS, prepare, run: () => logAll(join(log, 'pino.ndjson')) },
      expose: {
        size: EVENTS,
        prepare,
        run: () => recordAll(createRecorder({ sink: sink(), report: false, ...PRODUCER })),
      },
    })
    const benchmark = 'expose, arm in hand to NDJSON on disk'
    return [
      row(benchmark, timings, 'expose'),
      row(benchmark, timings, 'JSON.stringify', { against: 'expose', target: { atLeast: 1.5 } }),
      row(benchmark, timings, 'pino', { against: 'expose', target: { atLeast: 1 } }),
    ]
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const arms: readonly Arm[] = Array.from({ length: EVENTS }, (_, i) => ({
  experiment: 'home-ranking',
  unitType: 'viewer',
  unitId: `viewer-${(i * 7919) % 1_000_003}`,
  reason: 'assigned',
  variant: i % 2 === 0 ? 'control' : 'session-model',
  bucket: (i * 7907) % 1_000_000,
  seed: 2_895_634_211,
  propensity: 0.5,
  treatmentVersion: i % 2 === 0 ? null : 'ranker-2026-11',
  fingerprint: '3f5c1d8f5c2b4b0e9d7a6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a392817',
  phase: 1,
  revision: 3,
}))

interface BenchedRecorder {
  expose(arm: Arm): unknown
  flush(): Promise<unknown>
  close(): Promise<{ delivered: number }>
}

async function recordAll(recorder: BenchedRecorder): Promise<void> {
  for (let i = 0; i < EVENTS; i++) {
    recorder.expose(arms[i]!)
    if (i % BURST === BURST - 1) await recorder.flush()
  }
  const { delivered } = await recorder.close()
  if (delivered !== EVENTS) throw new Error(`delivered ${delivered} of ${EVENTS}`)
}

/** The recorder's own parts, but for the writing of a line. */
function stringifyingRecorder(sink: Sink): BenchedRecorder {
  const ledger = new Ledger()
  const seen = new SeenUnits(100_000)
  const line = new LineBuffer('')
  const queue = new Queue(
    { maximumEvents: 10_000, maximumBytes: 16_000_000 },
    { maximumEvents: 500, maximumBytes: 512_000, lingerMs: 200 },
  )
  const delivery = new Delivery({
    sink,
    clock: systemClock,
    timers: systemTimers,
    random: Math.random,
    retry: { baseMs: 100, capMs: 10_000, deadlineMs: 30_000 },
    onRetry: () => ledger.retries++,
  })
  const outbox = new Outbox({
    queue,
    delivery,
    timers: systemTimers,
    lingerMs: 200,
    backlog: undefined,
    books: bookkeeper({
      ledger,
      earlier: new Ledger(),
      isEarlier: () => false,
      onLost: () => undefined,
      delivery,
      warn: () => undefined,
    }),
  })
  let sequence = 0
  return {
    expose: (arm) => {
      ledger.exposure.offered++
      const unitId = arm.unitId!
      if (seen.has(arm.variant!, unitId)) return
      line.restart(4_096)
      line.utf8(`${JSON.stringify(exposureOf(arm, ++sequence))}\n`)
      const bytes = line.view()
      if (!queue.hasRoom('exposure', bytes.length)) return
      ledger.queue('exposure')
      outbox.push('exposure', bytes, unitId, arm.variant)
      seen.add(arm.variant!, unitId)
    },
    flush: () => outbox.flush(5_000),
    close: async () => {
      await outbox.flush(5_000)
      await sink.close()
      return ledger.account()
    },
  }
}

/** Neither deduplicates nor accounts; buffers as pino's manual advises where it writes asynchronously. */
async function logAll(file: string): Promise<void> {
  const destination = pino.destination({ dest: file, mkdir: true, sync: false, minLength: 4_096 })
  const logger = pino({ base: null, timestamp: false, formatters: { level: () => ({}) } }, destination)
  for (let i = 0; i < EVENTS; i++) {
    logger.info(exposureOf(arms[i]!, i + 1))
    if (i % BURST === BURST - 1) await new Promise((resolve) => logger.flush(resolve))
  }
  const closed = new Promise((resolve) => destination.once('close', resolve))
  destination.end()
  await closed
}

const idWriters = new Map(
  ['control', 'session-model'].map((variant) => [variant, exposureIdWriter('home-ranking', 1, variant)]),
)
const idBytes = Buffer.alloc(22)

function exposureOf(arm: Arm, sequence: number) {
  idWriters.get(arm.variant!)!(arm.unitId!, idBytes, 0)
  return {
    schema: 'fairtrial.exposure/1',
    experiment: arm.experiment,
    fingerprint: arm.fingerprint,
    phase: arm.phase,
    revision: arm.revision,
    unitType: arm.unitType,
    variant: arm.variant,
    seed: arm.seed,
    propensity: arm.propensity,
    reason: arm.reason,
    treatmentVersion: arm.treatmentVersion ?? undefined,
    ...PRODUCER,
    exposureId: idBytes.toString('latin1'),
    unitId: arm.unitId,
    bucket: arm.bucket,
    exposedAt: Date.now(),
    sequence,
  }
}

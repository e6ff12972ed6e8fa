import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSegments } from '@fairtrial/exposure/segments'
import { createFold, foldEvents, summaryOf } from '@fairtrial/metrics'
import { exposureId, type UnitEvent } from '@fairtrial/protocol'
import { homeRow } from './home-row.ts'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

/** New in one tick, with three outcomes each. */
const UNITS = 5_000
const NEW_EVERY_MS = 10

const experiment = homeRow({
  metrics: {
    started: { type: 'proportion', role: 'primary', direction: 'increase', window: '30s' },
    latency: { type: 'mean', role: 'secondary', direction: 'decrease', window: '30s', aggregate: 'mean' },
    watched: { type: 'mean', role: 'secondary', direction: 'increase', window: '2m' },
  },
})

/** What a service writes: every unit exposed, then three outcomes, all in the order of their times. */
function eventsOfTick(): UnitEvent[] {
  const events: UnitEvent[] = []
  const produced = () => ({ producerId: 'service-1', sequence: events.length + 1, sdk: 'fairtrial/0.0.0' })
  for (let i = 0; i < UNITS; i++) {
    const unitId = `viewer-${i.toString(36).padStart(8, '0')}`
    const unit = { unitType: 'viewer', unitId }
    const variant = i % 2 === 0 ? 'control' : 'model'
    const exposedAt = 1_780_000_000_000 + i * NEW_EVERY_MS
    events.push({
      schema: 'fairtrial.exposure/1',
      exposureId: exposureId(experiment.key, 1, variant, unitId),
      experiment: experiment.key,
      fingerprint: experiment.fingerprint,
      phase: 1,
      revision: 3,
      ...unit,
      variant,
      bucket: (i * 7919) % 1_000_000,
      seed: 2_845_108_203,
      propensity: 0.5,
      reason: 'assigned',
      exposedAt,
      ...produced(),
    })
    for (const [name, delayMs, value] of [
      ['latency', 40, 38.25 + (i % 17)],
      ['started', 900, 1],
      ['watched', 45_000, (i * 31) % 3_600],
    ] as const) {
      events.push({
        schema: 'fairtrial.outcome/1',
        outcomeId: `${unitId}-${name}`,
        name,
        ...unit,
        value,
        occurredAt: exposedAt + delayMs,
        ...produced(),
      })
    }
  }
  const timeOf = (event: UnitEvent) => ('exposedAt' in event ? event.exposedAt : event.occurredAt)
  return events.toSorted((a, b) => timeOf(a) - timeOf(b))
}

/** A tick of the controller, from bytes on disk to a summary, against the least that reading JSON lines can cost. */
export async function run(): Promise<Row[]> {
  const lines = eventsOfTick().map((event) => JSON.stringify(event))
  const asOf = 1_780_000_000_000 + UNITS * NEW_EVERY_MS
  const directory = mkdtempSync(join(tmpdir(), 'fairtrial-fold-'))
  writeFileSync(join(directory, 'service-1-00000001.ndjson'), `${lines.join('\n')}\n`)
  try {
    const timings = await race({
      'JSON.parse': {
        size: lines.length,
        run: () => {
          for (const line of lines) JSON.parse(line)
        },
      },
      'read and fold': {
        size: lines.length,
        run: async () => {
          const fold = createFold(experiment, { phase: 1 })
          const { events } = await readSegments(directory)
          foldEvents(fold, events)
          const { units } = summaryOf(fold, asOf)
          if (units['control'] !== UNITS / 2) throw new Error('the fold has lost units')
        },
      },
    })
    const job = 'a tick, an event'
    return [
      row(job, timings, 'JSON.parse'),
      // At least 0.35 times as fast.
      row(job, timings, 'read and fold', { against: 'JSON.parse', target: { atMost: 1 / 0.35 } }),
    ]
  } finally {
    rmSync(directory, { recursive: true })
  }
}

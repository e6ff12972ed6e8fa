import { keyOf } from '@fairtrial/exposure'
import type { LogEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { batch, eventsOf } from '../test/local-plane.ts'
import { createIngest } from './ingest.ts'

function setUp() {
  const log: LogEvent[] = []
  const disk = { isBroken: false }
  const { ingest } = createIngest({
    now: () => 7,
    async append({ content, count }) {
      await new Promise((resolve) => setImmediate(resolve))
      if (disk.isBroken) throw new Error('disk on fire')
      const lines = new TextDecoder().decode(content).trimEnd().split('\n')
      expect(lines).toHaveLength(count)
      log.push(...lines.map((line) => JSON.parse(line) as LogEvent))
    },
  })
  return { log, disk, ingest, send: (text: string) => ingest(Buffer.from(text)) }
}

describe('ingest', () => {
  it('stamps events with the time they were received, and counts them', async () => {
    const { log, send } = setUp()
    const events = eventsOf(['viewer-1', 'viewer-2'])
    expect(await send(batch(events))).toEqual({ accepted: 4, duplicates: 0, rejected: [] })
    expect(log).toEqual(events.map((event) => ({ ...event, receivedAt: 7 })))
  })

  it('takes a batch that is sent again once', async () => {
    const { log, send } = setUp()
    const body = batch(eventsOf(['viewer-1']))
    await send(body)
    expect(await send(body + batch(eventsOf(['viewer-1'], 'service-2')))).toEqual({
      accepted: 2,
      duplicates: 2,
      rejected: [],
    })
    expect(log).toHaveLength(4)
  })

  it('drops no event for another that has come before it under its number', async () => {
    const { log, send } = setUp()
    const [forged] = eventsOf(['viewer-2'])
    const [genuine] = eventsOf(['viewer-1'])
    expect([forged!.producerId, forged!.sequence]).toEqual([genuine!.producerId, genuine!.sequence])
    await send(batch([forged!]))
    expect(await send(batch([genuine!]))).toMatchObject({ accepted: 1, duplicates: 0 })
    expect(log.map(keyOf)).toEqual(['viewer-2', 'viewer-1'])
  })

  it('takes a batch once that is sent again while its first copy is being written', async () => {
    const { log, send } = setUp()
    const body = batch(eventsOf(['viewer-1']))
    const answers = await Promise.all([send(body), send(body), send(body)])
    expect(answers.map(({ accepted, duplicates }) => [accepted, duplicates])).toEqual([
      [2, 0],
      [0, 2],
      [0, 2],
    ])
    expect(log).toHaveLength(2)
  })

  it('lets a batch through that could not be written the first time', async () => {
    const { log, disk, send } = setUp()
    const body = batch(eventsOf(['viewer-1']))
    disk.isBroken = true
    await expect(send(body)).rejects.toThrow('disk on fire')
    disk.isBroken = false
    expect(await send(body)).toMatchObject({ accepted: 2, duplicates: 0 })
    expect(log).toHaveLength(2)
  })

  it('FAULTS 24: bounds what waits for a log that hangs, and takes it when it comes again', async () => {
    let now = 0
    let write: () => void = () => {}
    let appended = 0
    const { ingest } = createIngest({
      now: () => now,
      append: async ({ count }) => {
        await new Promise<void>((resolve) => (write = resolve))
        appended += count
      },
    })
    const bodies = ['a', 'b'].map((unitId) => Buffer.from(batch(eventsOf([unitId]))))
    const [first, second] = bodies.map((body) => ingest(body))
    const large = Buffer.alloc(64 * 1024 * 1024, ' ')
    await expect(ingest(large)).rejects.toMatchObject({ status: 503, code: 'log-busy' })
    now = 5_001
    second!.catch(() => undefined)
    write()
    expect(await first).toMatchObject({ accepted: 2 })
    await expect(second).rejects.toMatchObject({ status: 503, code: 'log-busy' })
    const again = ingest(bodies[1]!)
    await expect.poll(() => appended).toBe(2)
    write()
    expect(await again).toMatchObject({ accepted: 2, duplicates: 0 })
    expect(await ingest(large)).toMatchObject({ accepted: 0 })
  })

  it('rejects a line by its number and takes the others, blank ones apart', async () => {
    const { send } = setUp()
    const [exposure, outcome] = eventsOf(['viewer-1']).map((event) => JSON.stringify(event))
    const answer = await send(`${exposure}\n\nnot json\n{"schema":"fairtrial.exposure/2"}\n[]\n${outcome}`)
    expect(answer).toMatchObject({ accepted: 2, duplicates: 0 })
    expect(answer.rejected.map(({ line, code }) => [line, code])).toEqual([
      [3, 'invalid-event'],
      [4, 'unsupported-version'],
      [5, 'invalid-event'],
    ])
  })

  it('rejects a line that is not UTF-8 instead of counting another unit', async () => {
    const { log, ingest } = setUp()
    const [good, bad] = eventsOf(['vié']).map((event) => JSON.stringify(event))
    const body = Buffer.concat([Buffer.from(`${good}\n`), Buffer.from(String(bad), 'latin1')])
    expect(await ingest(body)).toEqual({
      accepted: 1,
      duplicates: 0,
      rejected: [{ line: 2, code: 'invalid-event', detail: 'not UTF-8' }],
    })
    expect(log.map(keyOf)).toEqual(['vié'])
  })

  it('FAULTS 64: takes no harm from a line that is nested deeply', async () => {
    const { log, send } = setUp()
    const [exposure, outcome] = eventsOf(['viewer-1'])
    const deep = `${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}`
    const poisoned = JSON.stringify({ ...outcome, properties: {} }).replace(
      '"properties":{}',
      `"properties":${deep}`,
    )
    const answer = await send(`${deep}\n${JSON.stringify(exposure)}\n${poisoned}\n`)
    expect(answer.accepted).toBe(1)
    expect(answer.rejected.map(({ line }) => line)).toEqual([1, 3])
    expect(log).toHaveLength(1)
  })

  it('FAULTS 64: refuses a batch of too many lines whole', async () => {
    const { log, send } = setUp()
    await expect(send('{}\n'.repeat(10_001))).rejects.toMatchObject({ status: 413, code: 'too-many-lines' })
    expect(log).toEqual([])
  })
})

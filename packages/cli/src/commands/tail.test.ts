import { batchOf } from '@fairtrial/exposure'
import { sampleExposure, sampleOutcome } from '@fairtrial/exposure/testing'
import type { LogEvent, ProducerReport } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from '../../test/terminal.ts'

const at = Date.UTC(2026, 0, 31, 9)
const closing: ProducerReport = {
  schema: 'fairtrial.producer/1',
  producerId: 'api-1',
  sequence: 4,
  sdk: 'fairtrial/0.0.0',
  reportedAt: at,
  isFinal: true,
  offered: 3,
  delivered: 3,
  deduplicated: 0,
  dropped: {},
  pending: 0,
  arms: [
    {
      experiment: 'ranking',
      phase: 1,
      variant: 'model',
      offered: 2,
      numbered: 2,
      deduplicated: 0,
      dropped: 0,
    },
  ],
}
const events: readonly LogEvent[] = [
  sampleExposure({
    producerId: 'api-1',
    sequence: 1,
    experiment: 'ranking',
    variant: 'model',
    unitId: 'Zoë',
    exposedAt: at,
  }),
  sampleOutcome({
    producerId: 'api-1',
    sequence: 2,
    name: 'watched',
    value: 12,
    unitId: 'Zoë',
    occurredAt: at + 1,
  }),
  sampleExposure({
    producerId: 'api-1',
    sequence: 3,
    experiment: 'colours',
    variant: 'blue',
    unitId: 'Max',
    exposedAt: at + 2,
  }),
  closing,
]

function logWith(...lines: readonly (LogEvent | object)[]): string {
  return folderWith({ 'log/a.000001.ndjson': batchOf(lines as readonly LogEvent[]).content })('log')
}

async function linesOf(...args: readonly string[]) {
  const { code, stdout, stderr } = await fairtrial(['tail', ...args])
  return { code, stderr, lines: stdout.split('\n').slice(0, -1) }
}

describe('tail --log', () => {
  it('prints a line an event: when, by whom, what', async () => {
    const { code, stderr, lines } = await linesOf('--log', logWith(...events))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { unitType } = sampleExposure()
    expect(lines).toEqual([
      `2026-01-31T09:00:00.000Z  api-1  exposure  ranking/model  ${unitType} Zoë`,
      `2026-01-31T09:00:00.001Z  api-1  outcome  watched=12  ${unitType} Zoë`,
      `2026-01-31T09:00:00.002Z  api-1  exposure  colours/blue  ${unitType} Max`,
      '2026-01-31T09:00:00.000Z  api-1  producer  offered 3, delivered 3, deduplicated 0, pending 0, closed',
    ])
  })

  it('prints what is asked for, and no more', async () => {
    const log = logWith(...events)
    const sequences = async (...args: readonly string[]) =>
      (await linesOf('--log', log, '--json', ...args)).lines.map((line) => JSON.parse(line).sequence)
    expect(await sequences('--experiment', 'ranking')).toEqual([1, 4])
    expect(await sequences('--unit', 'Zoë')).toEqual([1, 2])
    expect(await sequences('--unit', 'Zoë', '--experiment', 'ranking')).toEqual([1])
    expect(await sequences('--limit', '2')).toEqual([1, 2])
    expect(await sequences('--experiment', 'none')).toEqual([])
  })

  it('FAULTS 40: prints nothing of a unit that no allow-list let through, in neither form', async () => {
    const secret = 'anna@example.org'
    const log = logWith(
      {
        ...events[0],
        email: secret,
        context: { schemaVersion: '1', features: { plan: 'premium' }, email: secret },
      },
      { ...events[1], properties: { phone: secret } },
    )
    const text = await linesOf('--log', log)
    expect(text.lines.join()).not.toMatch(/anna|premium/)
    const json = await linesOf('--log', log, '--json')
    expect(json.lines.join()).not.toContain('anna')
    expect(JSON.parse(json.lines[0]!)).toMatchObject({
      context: { schemaVersion: '1', features: { plan: 'premium' } },
    })
  })

  it('lets no id move the cursor of the terminal, and prints a time that no date has', async () => {
    const log = logWith(sampleExposure({ unitId: '\u001b[2Jx\u202e', exposedAt: 1e17 }))
    const { lines } = await linesOf('--log', log)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^100000000000000000 {2}/)
    expect(lines[0]).toContain('\\u{1b}[2Jx\\u{202e}')
  })

  it('tells how many lines are no event', async () => {
    const { stderr, lines } = await linesOf('--log', logWith({ poison: true }, ...events))
    expect(lines).toHaveLength(events.length)
    expect(stderr).toBe('fairtrial: 1 lines that are no event are passed by.\n')
  })

  it('waits with --follow for what comes', async () => {
    const log = logWith(events[0]!)
    const waiting = linesOf('--log', log, '--follow', '--limit', '2')
    const { appendFile } = await import('node:fs/promises')
    await new Promise((resolve) => setTimeout(resolve, 50))
    await appendFile(`${log}/a.000001.ndjson`, batchOf([events[1]!]).content)
    expect((await waiting).lines).toHaveLength(2)
  })

  it('refuses a log that is not there, two logs and none', async () => {
    expect((await linesOf('--log', '/nowhere/at/all')).stderr).toContain('--log /nowhere/at/all is not there')
    for (const args of [
      [],
      ['--log', '.', '--kafka', 'localhost:9092'],
      ['--kafka', 'localhost'],
      ['--kafka', 'a:1', '--limit', '0'],
    ])
      expect((await linesOf(...args)).code).toBe(2)
  })
})

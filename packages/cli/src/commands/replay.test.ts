import { createController, type EventLog } from '@fairtrial/rollout/controller'
import { memoryStateStore } from '@fairtrial/rollout/testing'
import type { LogEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { player, playerJson, recordTrial, segmentOf, START } from '../../test/recorded-trial.ts'
import { fairtrial, folderWith } from '../../test/terminal.ts'

const MINUTE = 60_000

async function replaying(events: readonly LogEvent[], files: Readonly<Record<string, string>> = {}) {
  const path = folderWith({
    'player.json': playerJson,
    'log/a.000001.ndjson': segmentOf(events),
    ...files,
  })
  return (...args: string[]) => fairtrial(['replay', path('player.json'), '--log', path('log'), ...args])
}

describe('replay', () => {
  it('does what a controller did that ran on the log while it grew', async () => {
    const events = await recordTrial(12)
    const clock = { time: START, now: () => clock.time }
    const growing: EventLog<number> = {
      async readFrom(cursor) {
        const known = events.filter((event) => timeOf(event) <= clock.time)
        return { events: known.slice(cursor ?? 0), cursor: known.length, bytesRead: 0, unreadableLines: 0 }
      },
    }
    const store = memoryStateStore()
    const controller = createController({ experiment: player, store, clock, log: growing })
    for (; clock.time <= START + 40 * MINUTE; clock.time += MINUTE) await controller.tick()

    const replay = await replaying(events)
    const { code, document } = await replay('--json')
    expect(code).toBe(3)
    expect(document.transitions).toEqual(JSON.parse(JSON.stringify(await store.transitions(player.key))))
    expect(document.transitions.map(({ to }: { to: { status: string; stage: number } }) => to)).toMatchObject(
      [
        { status: 'running', stage: 0 },
        { status: 'running', stage: 1 },
        { status: 'aborted', stage: 1 },
      ],
    )
    expect(document).toMatchObject({
      schema: 'fairtrial.replay/1',
      from: START,
      timedBy: { receipt: 0, producers: events.length },
      decision: { action: 'abort', rule: 'guardrail-breach' },
      state: { status: 'aborted' },
    })
    const after = events.filter(
      (event) =>
        event.schema === 'fairtrial.exposure/1' && event.variant === 'new' && event.exposedAt > document.to,
    )
    expect(document.exposuresAfterEnd).toBe(after.length)
    expect(after.length).toBeGreaterThan(0)
  })

  it('tells the turns in lines, the same at any speed', async () => {
    const replay = await replaying(await recordTrial(12))
    const { stdout } = await replay()
    expect(stdout).toMatch(/^2026-01-05T09:00:00.000Z  running  stage 1\/2   50 %  start: Phase 1 starts/)
    expect(stdout).toMatch(
      /\n2026-01-05T09:\d\d:00.000Z  aborted  stage 2\/2    0 %  abort: Guardrail started, new:/,
    )
    expect(stdout).toContain('because the recording went on')
    expect((await replay('--speed', '50000')).stdout).toBe(stdout)
  })

  it('sees an event when it was received, whatever its producer says', async () => {
    const events = await recordTrial(0)
    const late = events.map((event) => ({ ...event, receivedAt: timeOf(event) + 15 * MINUTE }))
    const { document } = await (await replaying(late))('--json')
    expect(document).toMatchObject({
      from: START + 15 * MINUTE,
      timedBy: { receipt: late.length, producers: 0 },
    })
    const prompt = await (await replaying(events))('--json')
    expect(document.to - prompt.document.to).toBeGreaterThanOrEqual(10 * MINUTE)
  })

  it('ends where the recording does, when the rollout has not', async () => {
    const { code, document } = await (await replaying(await recordTrial(99)))('--json', '--every', '5m')
    expect({ code, status: document.state.status, looks: document.looks }).toEqual({
      code: 4,
      status: 'running',
      looks: 9,
    })
    expect(document.exposuresAfterEnd).toBe(0)
  })

  it('replays a later phase, and says where there is nothing of one', async () => {
    const replay = await replaying(await recordTrial(0, 2))
    expect((await replay('--phase', '2', '--json')).document).toMatchObject({
      phase: 2,
      state: { phase: 2, status: 'aborted' },
    })
    expect(await replay()).toMatchObject({
      code: 4,
      stdout: 'new-player: no exposure of that phase is recorded; nothing to replay.\n',
    })
  })

  it('refuses a clock that would never end', async () => {
    const [first, ...rest] = await recordTrial(99)
    const replay = await replaying([...rest, { ...first!, receivedAt: Date.UTC(2999, 0, 1) }])
    expect(await replay()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Look less often (--every)'),
    })
  })
})

function timeOf(event: LogEvent): number {
  if (event.schema === 'fairtrial.exposure/1') return event.exposedAt
  if (event.schema === 'fairtrial.outcome/1') return event.occurredAt
  return event.schema === 'fairtrial.producer/1' ? event.reportedAt : event.until
}

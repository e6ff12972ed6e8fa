import type { HistoryPoint } from '@fairtrial/rollout'
import type { HistoryTable } from '@fairtrial/rollout/postgres'
import { expect, it } from 'vitest'
import { openHistoryRows } from './history-rows.ts'
import { MAXIMUM_POINTS } from './thinned-points.ts'

const point = (at: number, revision = 1, action: HistoryPoint['action'] = 'continue'): HistoryPoint => ({
  at,
  phase: 1,
  revision,
  stage: 0,
  trafficPercent: 10,
  status: 'running',
  action,
  rule: null,
  units: {},
  sampleRatioP: null,
  verdict: null,
  guardrails: [],
  primaries: [],
})

/** A table in memory that can be cut off, and replicas on it; each question finds the answer of a second ago gone. */
function setUp() {
  const stored = new Map<number, HistoryPoint>()
  const database = { isAway: false, writes: 0 }
  const answering = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    if (database.isAway) throw new Error('gone')
  }
  const table: HistoryTable = {
    async points() {
      await answering()
      return [...stored.values()].toSorted((a, b) => a.at - b.at)
    },
    async change(_, added, gone) {
      database.writes += 1
      await answering()
      for (const at of gone) stored.delete(at)
      for (const one of added) if (!stored.has(one.at)) stored.set(one.at, one)
    },
  }
  let asked = 0
  const lines: string[] = []
  const replica = () => {
    const history = openHistoryRows(table, [{ key: 'a' }], {
      now: () => (asked += 1_000),
      log: (line) => lines.push(line),
    })
    const times = async () => (await history.points('a'))!.map(({ at }) => at)
    const look = (at: number, leads: boolean, revision?: number) => {
      history.note('a', point(at, revision), leads)
      return new Promise((resolve) => setTimeout(resolve, 1))
    }
    return { ...history, times, look }
  }
  return { stored, database, lines, replica }
}

it('is of whoever led: any replica shows it, and the next to lead goes on with it', async () => {
  const { stored, replica } = setUp()
  const [first, second] = [replica(), replica()]
  for (const at of [1, 2, 3]) {
    await first.look(at, true)
    await second.look(at + 0.5, false)
  }
  expect([...stored.keys()]).toEqual([1, 2, 3])
  // To what is there each adds its own newest look.
  expect(await first.times()).toEqual([1, 2, 3])
  expect(await second.times()).toEqual([1, 2, 3, 3.5])
  for (const at of [4, 5]) await second.look(at, true)
  await second.close()
  expect([...stored.keys()]).toEqual([1, 2, 3, 4, 5])
  expect(await replica().times()).toEqual([1, 2, 3, 4, 5])
  expect(await first.points('b')).toBeNull()
})

it('is bounded, and each change of state stays, whoever leads', async () => {
  const { stored, replica } = setUp()
  const replicas = [replica(), replica()]
  const changes: number[] = []
  for (let i = 0; i < 9_000; i++) {
    if (i % 1_500 === 700) changes.push(i * 1_000)
    for (const [n, { note }] of replicas.entries())
      note('a', point(i * 1_000, 1 + changes.length), n === Math.floor(i / 1_000) % 2)
    if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  for (const { close } of replicas) await close()
  const times = await replicas[0]!.times()
  expect(stored.size).toBeLessThanOrEqual(MAXIMUM_POINTS)
  expect(times.length).toBeGreaterThan(500)
  for (const at of changes) expect(times).toContain(at)
  expect([times[0], times.at(-1)]).toEqual([0, 8_999_000])
})

it('FAULTS 30: writes that fail are told once, and made up for', async () => {
  const { stored, database, lines, replica } = setUp()
  const leader = replica()
  await leader.look(1, true)
  database.isAway = true
  for (const at of [2, 3, 4]) await leader.look(at, true)
  await expect(leader.points('a')).rejects.toThrow('gone')
  expect(lines).toEqual(['history: of a, points could not be written: gone'])
  database.isAway = false
  await leader.look(5, true)
  expect([...stored.keys()]).toEqual([1, 2, 3, 4, 5])
  database.isAway = true
  await leader.look(6, true)
  expect(lines).toHaveLength(2)
})

it('leaves out looks that have failed, but for a change of state', async () => {
  const { stored, replica } = setUp()
  const leader = replica()
  await leader.look(1, true)
  leader.note('a', point(2, 1, null), true)
  leader.note('a', point(3, 2, null), true)
  await leader.close()
  expect([...stored.keys()]).toEqual([1, 3])
})

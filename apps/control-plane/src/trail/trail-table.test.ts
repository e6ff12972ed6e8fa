import type { TransitionEvent } from '@fairtrial/protocol'
import { openPhase, startRollout } from '@fairtrial/rollout'
import type { TrailLine, TrailTable } from '@fairtrial/rollout/postgres'
import { expect, it } from 'vitest'
import { experiment } from '../../test/trial.ts'
import type { TrailFact } from './chain.ts'
import { plain } from './fact-of.ts'
import type { TrailStore } from './trail-store.ts'
import { openTrailTable } from './trail-table.ts'
import { verifyTrailTable } from './verify-trail.ts'

/** A table in memory, for any number of replicas. */
function memoryTable() {
  const lines: TrailLine[] = []
  const table: TrailTable = {
    after: async (sequence, limit) => lines.slice(sequence, sequence + limit),
    async append(added, last) {
      // As long as a database takes: others append meanwhile.
      await new Promise((done) => setImmediate(done))
      if (lines.length !== last) return false
      for (const line of added) lines.push({ sequence: lines.length + 1, line })
      return true
    },
  }
  return { lines, table }
}

const note = (text: string): TrailFact => ({
  at: 1,
  by: 'ada',
  role: 'operator',
  kind: 'note',
  experiment: 'home-row',
  detail: { text, revision: 1 },
})

const started: TransitionEvent = openPhase(
  experiment,
  null,
  startRollout(experiment, { now: 1 }),
  'controller',
)
const transition: TrailFact = {
  at: 1,
  by: 'controller',
  role: 'controller',
  kind: 'transition',
  experiment: 'home-row',
  detail: plain(started),
}

it('is one chain, whichever replica appends', async () => {
  const { table } = memoryTable()
  const [first, second] = [await openTrailTable(table), await openTrailTable(table)]
  const texts = Array.from({ length: 30 }, (_, i) => `Note ${i}`)
  const half = async (store: TrailStore, parity: number) => {
    for (const [i, text] of texts.entries()) if (i % 2 === parity) await store.append([note(text)])
  }
  await Promise.all([half(first, 0), half(second, 1)])
  await first.refresh()
  expect(first.last?.sequence).toBe(30)
  // A third reads it from its beginning, which holds each entry against the one before.
  const third = await openTrailTable(table)
  expect(third.last).toEqual(first.last)
  expect(await verifyTrailTable(table)).toMatchObject({ holds: true, entries: 30, last: first.last })
  const read = await Promise.all(texts.map(async (_, i) => (await third.read(i + 1)).detail['text']))
  expect(new Set(read)).toEqual(new Set(texts))
})

it('has a transition once, though every replica hears of it', async () => {
  const { table, lines } = memoryTable()
  const [first, second] = [await openTrailTable(table), await openTrailTable(table)]
  const [one] = await first.append([transition])
  const entries = await second.append([note('a'), transition, note('b')])
  expect(entries.map(({ sequence }) => sequence)).toEqual([2, 1, 3])
  expect(entries[1]).toEqual(one)
  expect(lines).toHaveLength(3)
})

it('does not open, and does not read, what was changed', async () => {
  const { table, lines } = memoryTable()
  const store = await openTrailTable(table)
  await store.append([note('one'), note('two')])
  lines[1] = { sequence: 2, line: lines[1]!.line.replace('two', 'too') }
  await expect(store.read(2)).rejects.toMatchObject({ code: 'invalid-state' })
  await expect(openTrailTable(table)).rejects.toThrow(/of entry 2, its hash/)
  expect(await verifyTrailTable(table)).toMatchObject({ holds: false, entries: 1, broken: { line: 2 } })
})

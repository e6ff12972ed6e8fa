import type { TrailEntry } from '@fairtrial/rollout'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { chain, type TrailFact } from './chain.ts'
import type { TrailStore } from './trail-store.ts'
import { createTrailQueue } from './trail-queue.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const fact = (n: number): TrailFact => ({
  at: n,
  by: 'ada',
  role: 'operator',
  kind: 'note',
  experiment: null,
  detail: { n },
})

/** A disk that takes nothing while `full`. */
function disk() {
  const written: TrailEntry[] = []
  const state = { full: false, writes: 0 }
  const file: TrailStore = {
    marks: [],
    last: null,
    refresh: async () => undefined,
    async append(facts) {
      state.writes += 1
      if (state.full) throw new Error('ENOSPC')
      const entries = facts.map((each) => {
        const entry = chain(written.at(-1) ?? null, each)
        written.push(entry)
        return entry
      })
      return entries
    },
    read: () => Promise.reject(new Error('not read here')),
    close: async () => undefined,
  }
  return { file, written, state }
}

it('keeps what the disk does not take, in its order, and says so once', async () => {
  const { file, written, state } = disk()
  const lines: string[] = []
  const queue = createTrailQueue(file, (line) => lines.push(line))
  state.full = true
  const first = queue.put(fact(1))
  await vi.advanceTimersByTimeAsync(5_000)
  const second = queue.put(fact(2))
  await vi.advanceTimersByTimeAsync(1_000)
  expect([queue.pending, queue.lost, queue.failures > 3]).toEqual([2, 0, true])
  state.full = false
  await vi.advanceTimersByTimeAsync(1_000)
  expect([await first, await second].map(({ sequence }) => sequence)).toEqual([1, 2])
  expect(written.map(({ at }) => at)).toEqual([1, 2])
  expect(lines).toEqual(['trail: 1 entries wait: ENOSPC', 'trail: entries are written again.'])
  expect(queue.pending).toBe(0)
})

it('writes what comes at once in one go', async () => {
  const { file, written, state } = disk()
  const queue = createTrailQueue(file, () => undefined)
  await Promise.all(Array.from({ length: 100 }, (_, n) => queue.put(fact(n))))
  expect(written).toHaveLength(100)
  expect(state.writes).toBeLessThanOrEqual(2)
})

it('is bounded, and counts what it leaves out', async () => {
  const { file, state } = disk()
  const queue = createTrailQueue(file, () => undefined)
  state.full = true
  const kept = Array.from({ length: 10_000 }, (_, n) => queue.put(fact(n)))
  for (const each of kept) each.catch(() => undefined)
  await expect(queue.put(fact(10_000))).rejects.toThrow(/too many/)
  expect([queue.pending, queue.lost]).toEqual([10_000, 1])
})

it('writes what waits before it closes', async () => {
  const { file, written, state } = disk()
  const queue = createTrailQueue(file, () => undefined)
  state.full = true
  const waiting = queue.put(fact(1))
  await vi.advanceTimersByTimeAsync(100)
  state.full = false
  await queue.close()
  expect(await waiting).toMatchObject({ sequence: 1 })
  expect(written).toHaveLength(1)
})

it('lets whoever reads wait for what is being written, and not for a disk that fails or hangs', async () => {
  const { file, written, state } = disk()
  const held: (() => void)[] = []
  const { append } = file
  file.append = async (facts) => {
    await new Promise<void>((resolve) => held.push(resolve))
    return append(facts)
  }
  const queue = createTrailQueue(file, () => undefined)
  await queue.settled()
  void queue.put(fact(1))
  const seen = queue.settled().then(() => written.length)
  await vi.advanceTimersByTimeAsync(500)
  held.shift()?.()
  expect(await seen).toBe(1)

  state.full = true
  void queue.put(fact(2))
  const failed = queue.settled()
  held.shift()?.()
  await failed

  await vi.advanceTimersByTimeAsync(1_000)
  const patience = queue.settled()
  await vi.advanceTimersByTimeAsync(2_000)
  await patience
  expect(written.length).toBe(1)
})

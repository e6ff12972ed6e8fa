import { expect, it } from 'vitest'
import { median } from './median.ts'
import { race } from './race.ts'
import { keepsTarget, row } from './row.ts'
import { table } from './table.ts'

it('runs every subject once a round and calls it with a rising index', async () => {
  let last = -1
  const timings = await race(
    {
      empty: () => undefined,
      rising: (index) => {
        last = Math.max(last, index)
        return index
      },
    },
    { rounds: 4, roundMs: 1 },
  )
  expect(timings.empty.rounds).toHaveLength(4)
  expect(timings.rising.rounds).toHaveLength(4)
  expect(last).toBeGreaterThan(64)
})

it('sees what a call allocates, and that another allocates nothing', async () => {
  const timings = await race(
    {
      array: (index) => [index, index, index, index, index, index, index, index],
      number: (index) => index & 7,
    },
    { rounds: 1, roundMs: 1 },
  )
  // Eight elements of four or eight bytes, two headers.
  expect(timings.array.bytesPerCall).toBeGreaterThan(40)
  expect(timings.array.bytesPerCall).toBeLessThan(200)
  expect(timings.number.bytesPerCall).toBeLessThan(8)
})

it('prepares each batch and tells its time by the item', async () => {
  const order: string[] = []
  const timings = await race(
    { work: { size: 10, prepare: () => void order.push('prepare'), run: () => void order.push('run') } },
    { rounds: 1 },
  )
  expect(order.join(' ')).toBe('prepare run prepare run prepare run')
  expect(timings.work.rounds).toHaveLength(1)
})

it('compares round by round, holds the ratio against its target and prints both', () => {
  const timings = {
    floor: { rounds: [10, 20, 10], bytesPerCall: 0 },
    assign: { rounds: [20, 40, 90], bytesPerCall: 161 },
  }
  const slow = row('a job', timings, 'assign', { against: 'floor', target: { atMost: 2.2 } })
  expect(slow).toMatchObject({ nanoseconds: 40, ratio: 2 })
  expect(keepsTarget(slow)).toBe(true)
  expect(keepsTarget({ ...slow, target: { atLeast: 4 } })).toBe(false)
  expect(keepsTarget({ ...slow, bytesAtMost: 160 })).toBe(false)
  expect(keepsTarget(row('a job', timings, 'floor'))).toBeUndefined()
  expect(table([slow])).toMatch(/a job +assign +40\.0 +2\.00 × floor +≤ 2\.2 +161 +kept/)
})

it('takes the middle of an even number of values between the two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5)
})

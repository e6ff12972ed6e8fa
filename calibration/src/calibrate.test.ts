import { describe, expect, it } from 'vitest'
import { measure } from './measure.ts'
import { rows } from './rows.ts'
import { table } from './table.ts'

// The short table: fewer trials, wider bands, the same claims. `pnpm calibrate` is the long one.
describe('calibrated', () => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', (_, row) => {
    const measurement = measure(row, { isShort: true })
    expect(measurement.measured).not.toBeNaN()
    expect(measurement.isHeld, table([measurement])).not.toBe(false)
  })
})

it('each row has a name of its own', () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
})

it('measures the same again, alone or among others, and something else with another seed', () => {
  const row = rows.find(({ name }) => name === 'group-sequential/naive-peeking-14')!
  const once = measure(row, { isShort: true })
  expect(measure(row, { isShort: true })).toEqual(once)
  expect(measure(row, { isShort: true, seed: 2 }).measured).not.toBe(once.measured)
})

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Account } from '../account.ts'
import { noDrops } from '../account.ts'
import { PendingAge } from './pending-age.ts'

const accountOf = (delivered: number, pending: number) =>
  ({ delivered, pending, dropped: noDrops() }) as unknown as Account

it('is right to within the time between two looks, and never too young', () => {
  const step = fc.record({ comes: fc.nat(5), leaves: fc.nat(8), isLook: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const age = new PendingAge()
      const waiting: number[] = []
      let left = 0
      let lastLook = 0
      let widestGap = 0
      age.look(accountOf(0, 0), 0)
      steps.forEach(({ comes, leaves, isLook }, at) => {
        for (let i = 0; i < comes; i++) waiting.push(at)
        left += waiting.splice(0, leaves).length
        widestGap = Math.max(widestGap, at - lastLook)
        if (!isLook) return
        const oldest = waiting[0] === undefined ? 0 : at - waiting[0]
        const told = age.look(accountOf(left, waiting.length), at)
        expect(told).toBeGreaterThanOrEqual(oldest)
        expect(told).toBeLessThanOrEqual(waiting.length === 0 ? 0 : oldest + 2 * widestGap + 1)
        lastLook = at
      })
    }),
  )
})

it('grows while nothing leaves, for as long as that may be', () => {
  const age = new PendingAge()
  for (let at = 0; at <= 5_000; at++) {
    const told = age.look(accountOf(0, at + 1), at)
    expect(told).toBe(at)
  }
  expect(age.look(accountOf(5_001, 0), 5_001)).toBe(0)
})

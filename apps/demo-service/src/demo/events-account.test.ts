import { expect, it } from 'vitest'
import { accountEvents } from './events-account.ts'

const traffic = { viewers: 5, requests: 9, failures: 0 }
const service = (delivered: number, dropped: number) => ({
  instanceId: 'a-1',
  account: {
    offered: delivered + 2 + dropped,
    delivered,
    deduplicated: 2,
    dropped: { deadline: dropped, shutdown: 0 },
    pending: 0,
  },
})

it('holds what was delivered against the log', () => {
  const { text, isBalanced } = accountEvents(traffic, [service(10, 0), service(7, 0)], {
    exposures: 6,
    outcomes: 11,
  })
  expect(isBalanced).toBe(true)
  expect(text).toContain('a-1: 12 offered = 10 delivered + 2 deduplicated + 0 dropped + 0 pending')
  expect(text).toContain('delivered 17, in the log 17 (6 exposures, 11 outcomes): every one delivered')
})

it('allows the log what a sender gave up, and not one more or less', () => {
  const balanced = (outcomes: number) =>
    accountEvents(traffic, [service(10, 3)], { exposures: 0, outcomes }).isBalanced
  expect([9, 10, 13, 14].map(balanced)).toEqual([false, true, true, false])
})

it('finds an account that does not add up by itself', () => {
  const wrong = { ...service(10, 0), account: { ...service(10, 0).account, offered: 13 } }
  expect(accountEvents(traffic, [wrong], { exposures: 0, outcomes: 10 }).isBalanced).toBe(false)
})

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { memoryLeases } from '../testing/index.ts'
import { keepLease } from './keep-lease.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const TTL_MS = 900
const everyMs = 300

function setUp() {
  const leases = memoryLeases({ ttlMs: TTL_MS, now: () => Date.now() })
  const told: (number | string | null)[] = []
  const onChange = (token: number | null, error: Error | null) => void told.push(error?.message ?? token)
  return { leases, told, onChange }
}

it('acquires at once, renews for as long as it runs, tells once, and gives up in the end', async () => {
  const { leases, told, onChange } = setUp()
  const lease = leases.leaseOf('ada')
  const kept = await keepLease(lease, { everyMs, onChange })
  expect(lease.current()).toBe(1)
  await vi.advanceTimersByTimeAsync(10 * TTL_MS)
  expect(lease.current()).toBe(1)
  expect(told).toEqual([1])
  await kept.stop()
  expect(lease.current()).toBeNull()
  expect(await leases.leaseOf('bob').acquire()).toEqual({ token: 2 })
  await vi.advanceTimersByTimeAsync(10 * TTL_MS)
  expect(told).toEqual([1])
})

it('FAULTS 55: gives it up while it cannot act by it, so that another may, and asks for it again once it can', async () => {
  const { leases, told, onChange } = setUp()
  const ada = leases.leaseOf('ada')
  let isFit = true
  const kept = await keepLease(ada, { everyMs, onChange, isFit: () => isFit })
  isFit = false
  await vi.advanceTimersByTimeAsync(2 * everyMs)
  expect(ada.current()).toBeNull()
  const bob = leases.leaseOf('bob')
  expect(await bob.acquire()).toEqual({ token: 2 })
  await bob.release()
  isFit = true
  await vi.advanceTimersByTimeAsync(everyMs)
  expect(told).toEqual([1, null, 3])
  await kept.stop()
})

it('waits for a lease that another has, and takes it when it lapses', async () => {
  const { leases, told, onChange } = setUp()
  await leases.leaseOf('ada').acquire()
  const bob = leases.leaseOf('bob')
  const kept = await keepLease(bob, { everyMs, onChange })
  expect(told).toEqual([])
  await vi.advanceTimersByTimeAsync(TTL_MS)
  expect(bob.current()).toBe(2)
  expect(told).toEqual([2])
  await kept.stop()
})

it('FAULTS 55: tells a lease that cannot be asked for, loses it in time, and has a later one when it can', async () => {
  const { leases, told, onChange } = setUp()
  const lease = leases.leaseOf('ada')
  let isCut = false
  const cut = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (isCut) throw new Error('cut off')
    return ask()
  }
  const remote = {
    ...lease,
    acquire: () => cut(lease.acquire),
    renew: () => cut(lease.renew),
    release: () => cut(lease.release),
  }
  const kept = await keepLease(remote, { everyMs, onChange })
  isCut = true
  await vi.advanceTimersByTimeAsync(everyMs)
  expect([remote.current(), ...told]).toEqual([1, 1, 'cut off'])
  await vi.advanceTimersByTimeAsync(TTL_MS)
  expect(remote.current()).toBeNull()
  isCut = false
  await vi.advanceTimersByTimeAsync(everyMs)
  expect(remote.current()).toBe(2)
  expect(told.at(-1)).toBe(2)
  isCut = true
  await kept.stop()
})

import { expect, it } from 'vitest'
import { createRecentIds } from './recent-ids.ts'

it('remembers the last half of its capacity at least, and forgets what is older than all of it', () => {
  const recent = createRecentIds(10)
  for (let i = 0; i < 100; i++) {
    recent.add(String(i))
    for (let back = 0; back < 5; back++) if (i >= back) expect(recent.has(String(i - back))).toBe(true)
    expect(recent.has(String(i - 10))).toBe(false)
  }
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SeenUnits } from './seen-units.ts'

it('FAULTS 20: a million units leave no more behind than the capacity', () => {
  const seen = new SeenUnits(10_000)
  let largest = 0
  for (let i = 0; i < 1_000_000; i++) {
    if (!seen.has('arm', `viewer-${i}`)) seen.add('arm', `viewer-${i}`)
    largest = Math.max(largest, seen.size)
  }
  expect(largest).toBe(10_000)
  expect(seen.has('arm', 'viewer-999999')).toBe(true)
  expect(seen.has('arm', 'viewer-995000')).toBe(true)
  expect(seen.has('arm', 'viewer-1')).toBe(false)
})

it('never knows a unit that was not added, and always the latest half of its capacity', () => {
  const step = fc.record({ scope: fc.constantFrom('a', 'b'), unit: fc.nat(30), forget: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 2, max: 40 }), (steps, capacity) => {
      const seen = new SeenUnits(capacity)
      let latest: string[] = []
      for (const { scope, unit, forget } of steps) {
        const unitId = `${unit}`
        const key = scope + unitId
        const known = seen.has(scope, unitId)
        if (latest.slice(0, Math.floor(capacity / 2)).includes(key)) expect(known).toBe(true)
        if (!latest.includes(key)) expect(known).toBe(false)
        latest = latest.filter((other) => other !== key)
        if (forget) seen.forget(scope, unitId)
        else {
          if (!known) seen.add(scope, unitId)
          latest.unshift(key)
        }
        expect(seen.size).toBeLessThanOrEqual(capacity)
      }
    }),
    { seed: 6 },
  )
})

it('does not forget a unit that keeps coming', () => {
  const seen = new SeenUnits(100)
  seen.add('arm', 'regular')
  for (let i = 0; i < 1_000; i++) {
    expect(seen.has('arm', 'regular')).toBe(true)
    seen.add('arm', `passer-by-${i}`)
  }
})

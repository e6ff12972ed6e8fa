import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pointAt, thin } from './thin.ts'

describe('thin', () => {
  it('keeps the first, the last and what it is told to keep', () => {
    const points = Array.from({ length: 1000 }, (_, i) => i)
    const kept = thin(points, 10, (point) => point === 500)
    expect(kept[0]).toBe(0)
    expect(kept.at(-1)).toBe(999)
    expect(kept).toContain(500)
    expect(kept.length).toBeLessThanOrEqual(11)
  })

  it('leaves alone what is few', () => {
    expect(thin([3, 1, 2], 3)).toEqual([3, 1, 2])
  })
})

it('finds the last point at or before a time, as a search from the end does', () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 50 })).map((all) => all.toSorted((a, b) => a - b))
  fc.assert(
    fc.property(times, fc.integer({ min: -5, max: 55 }), (all, at) => {
      const points = all.map((one) => ({ at: one }))
      expect(pointAt(points, at)).toEqual(points.findLast((point) => point.at <= at) ?? null)
    }),
  )
})

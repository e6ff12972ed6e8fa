import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServedCounts } from './served-counts.ts'

describe('ServedCounts', () => {
  it('keeps every count, and the newest revisions apart, whatever is acknowledged when', () => {
    const step = fc.oneof(
      fc.record({ serve: fc.constantFrom('control', 'treatment', null) }),
      fc.record({ begin: fc.constant(true) }),
      fc.record({ acknowledge: fc.constant(true) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const counts = new ServedCounts()
        const served = new Map<string | null, number>()
        const underNewest = new Map<string | null, number>()
        let revision = 0
        for (const [at, step] of steps.entries()) {
          if ('serve' in step) {
            counts.add(step.serve, at)
            served.set(step.serve, (served.get(step.serve) ?? 0) + 1)
            underNewest.set(step.serve, (underNewest.get(step.serve) ?? 0) + 1)
          } else if ('begin' in step) {
            counts.begin(++revision)
            underNewest.clear()
          } else counts.acknowledge(counts.closed)
        }
        const list = counts.list((at) => at)
        for (const [variant, count] of served) {
          const rows = list.filter((row) => row.variant === variant)
          expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(count)
          const newest = rows.find((row) => row.revision === revision)
          expect(newest?.count ?? 0).toBe(underNewest.get(variant) ?? 0)
        }
        counts.acknowledge(counts.closed)
        expect(new Set(counts.list((at) => at).map((row) => row.revision)).size).toBeLessThanOrEqual(16)
      }),
    )
  })

  it('keeps apart, however many they are, the revisions that nobody has been told of', () => {
    const counts = new ServedCounts()
    for (let revision = 1; revision <= 40; revision++) {
      counts.add('treatment', revision)
      counts.begin(revision)
    }
    counts.acknowledge(3)
    expect(counts.list((at) => at).map(({ count }) => count)).toEqual([
      3,
      ...Array.from({ length: 37 }, () => 1),
    ])
  })

  it('dates a fold back to what was told before it, never forward', () => {
    const counts = new ServedCounts()
    for (let revision = 1; revision <= 20; revision++) {
      counts.add('treatment', revision)
      counts.begin(revision)
    }
    counts.acknowledge(counts.closed - 1)
    expect(counts.list((at) => at)[0]).toEqual({
      revision: 0,
      variant: 'treatment',
      count: 6,
      lastServedAt: 6,
    })
    expect(counts.revision).toBe(20)
  })
})

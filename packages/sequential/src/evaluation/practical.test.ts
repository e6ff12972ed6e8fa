import type { EffectSize, Interval } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { notEstimable } from './estimate.ts'
import { judgePractical } from './practical.ts'

const interval: Interval = { level: 0.95, absolute: [2, 4], relative: [0.02, 0.04] }
const verdict = (practicalThreshold: EffectSize, direction: 'increase' | 'decrease' = 'increase') =>
  judgePractical(interval, { practicalThreshold, direction })!.verdict

describe('the lift that pays', () => {
  it('is another question than whether there is a lift', () => {
    expect(verdict({ absolute: 1 })).toBe('above')
    expect(verdict({ absolute: 3 })).toBe('unknown')
    expect(verdict({ absolute: 5 })).toBe('below')
    expect(verdict({ relative: 0.01 })).toBe('above')
    expect(verdict({ relative: 0.05 })).toBe('below')
    expect(judgePractical(interval, { direction: 'increase' })).toBeUndefined()
  })

  it('lies in the direction that is better, and an end on it has not said', () => {
    expect(verdict({ absolute: 1 }, 'decrease')).toBe('below')
    const better: Interval = { ...interval, absolute: [-4, -2] }
    expect(judgePractical(better, { practicalThreshold: { absolute: 1 }, direction: 'decrease' })).toEqual({
      threshold: { absolute: 1 },
      verdict: 'above',
    })
    expect(verdict({ absolute: 2 })).toBe('unknown')
    expect(verdict({ absolute: 4 })).toBe('unknown')
  })

  it('is unknown where the interval cannot be had', () => {
    const none = { ...interval, relative: notEstimable('unbounded', 'no bounds') }
    const threshold = { practicalThreshold: { relative: 0.01 }, direction: 'increase' } as const
    expect(judgePractical(none, threshold)!.verdict).toBe('unknown')
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decadesBetween, ticksBetween, timeTicks } from './ticks.ts'

describe('ticksBetween', () => {
  it.each([
    [-0.062, 0.081, 4, [-0.05, 0, 0.05]],
    [0, 1426, 4, [0, 500, 1000]],
    [-7.3, 12.1, 5, [-5, 0, 5, 10]],
    [0.1, 0.3, 2, [0.1, 0.2, 0.3]],
  ])('from %d to %d, about %d', (low, high, count, ticks) => {
    expect(ticksBetween(low, high, count)).toEqual(ticks)
  })

  it('gives evenly spaced ticks inside, and never many more than asked', () => {
    const wide = fc.tuple(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
      fc.integer({ min: 1, max: 12 }),
    )
    fc.assert(
      fc.property(wide, ([low, span, count]) => {
        const ticks = ticksBetween(low, low + span, count)
        expect(ticks.length).toBeLessThanOrEqual(count + 1)
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - span * 1e-6 - Math.abs(low) * 1e-12)
          expect(tick).toBeLessThanOrEqual(low + span * (1 + 1e-6) + Math.abs(low) * 1e-12)
        }
      }),
    )
  })
})

it('names powers of ten, and leaves some out where there are many', () => {
  expect(decadesBetween(0.0001, 1, 4)).toEqual([0.0001, 0.001, 0.01, 0.1, 1])
  expect(decadesBetween(1e-12, 1, 4)).toEqual([1e-12, 1e-9, 1e-6, 1e-3, 1])
})

describe('timeTicks', () => {
  const texts = (span: number, count: number) => timeTicks(1_000, 1_000 + span, count).map(({ text }) => text)

  it.each([
    [18_000, 4, ['0', '5 s', '10 s', '15 s']],
    [3_700_000, 5, ['0', '15 min', '30 min', '45 min', '60 min']],
    [86_400_000 * 6, 6, ['0', '1 d', '2 d', '3 d', '4 d', '5 d', '6 d']],
    [86_400_000 * 1.2, 3, ['0', '12 h', '24 h']],
  ])('counts %d ms in what people count in', (span, count, expected) => {
    expect(texts(span, count)).toEqual(expected)
  })

  it('has a beginning where there is no time yet', () => {
    expect(timeTicks(5, 5, 4)).toEqual([{ at: 5, text: '0' }])
  })
})

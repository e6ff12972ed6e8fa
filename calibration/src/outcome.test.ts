import { expect, it } from 'vitest'
import {
  atLeast,
  atMost,
  near,
  quantileOf,
  shareAtLeast,
  shareAtMost,
  shareNear,
  shareShown,
} from './outcome.ts'
import { isHeld, type Outcome } from './row.ts'

/** Of all counts out of 1,000, those that keep the bar: from, to. */
function held(judge: (hits: number) => Outcome): [number, number] {
  const kept = Array.from({ length: 1_001 }, (_, hits) => hits).filter((hits) => isHeld(judge(hits)))
  return [kept[0]!, kept.at(-1)!]
}

it('a share keeps its bar within the 99.9 % binomial band, and no further', () => {
  const trials = 1_000
  // R: qbinom(c(.0005, .9995), 1000, .05), qbinom(.999, 1000, .05), qbinom(.001, 1000, .05)
  expect(held((hits) => shareNear({ hits, trials }, 0.05))).toEqual([29, 74])
  expect(held((hits) => shareAtMost({ hits, trials }, 0.05))).toEqual([0, 73])
  expect(held((hits) => shareAtLeast({ hits, trials }, 0.05))).toEqual([30, 1_000])
})

it('a number keeps its bar within 3.29 errors, or 3.09 where one side counts', () => {
  expect(isHeld(near(1.328, 0.1, 1))).toBe(true)
  expect(isHeld(near(1.33, 0.1, 1))).toBe(false)
  expect(isHeld(near(1.33, 0.1, 1, 0.5))).toBe(true)
  expect(isHeld(atMost(1.308, 0.1, 1))).toBe(true)
  expect(isHeld(atMost(1.31, 0.1, 1))).toBe(false)
  expect(isHeld(atLeast(0.692, 0.1, 1))).toBe(true)
  expect(isHeld(atLeast(0.69, 0.1, 1))).toBe(false)
})

it('what is only shown is not held, and no number at all keeps no bar', () => {
  expect(isHeld(shareShown({ hits: 1, trials: 2 }))).toBe(null)
  expect(isHeld(near(Number.NaN, 0.1, 1))).toBe(false)
  expect(isHeld(shareAtMost({ hits: 0, trials: 0 }, 0.05))).toBe(false)
})

it('a quantile of numbers, with the error of its rank', () => {
  const numbers = Array.from({ length: 100 }, (_, i) => 100 - i)
  expect(quantileOf(numbers, 0.5)).toEqual({ measured: 51, error: 5 })
  expect(quantileOf(numbers, 0.99).measured).toBe(100)
})

it('none of many has an error, too', () => {
  expect(shareShown({ hits: 0, trials: 1_000 }).error).toBeCloseTo(7.1e-4, 5)
  expect(shareShown({ hits: 1_000, trials: 1_000 }).error).toBeCloseTo(7.1e-4, 5)
})

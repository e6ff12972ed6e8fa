import { expect, it } from 'vitest'
import { notEstimable } from './estimate.ts'
import { detectableWithin, sayRuledOut } from './ruled-out.ts'

const rate = { type: 'proportion', role: 'primary', direction: 'increase', window: '1d' } as const
const none = notEstimable('unbounded', "control's mean is not told apart from 0 yet")

it('rules out what lies outside, and calls nothing that is inside no effect', () => {
  expect(sayRuledOut({ level: 0.95, absolute: [0.01, 0.03], relative: [0.05, 0.15] }, rate)).toBe(
    'Ruled out: effects below 1 point and above 3 points, or 5 % and 15 % of control (95 % interval).',
  )
  expect(sayRuledOut({ level: 0.9, absolute: [-0.01, 0.03], relative: none }, rate)).toBe(
    'Ruled out: effects below -1 point and above 3 points (90 % interval). All between is possible: inconclusive is not "no effect".',
  )
  expect(sayRuledOut({ level: 0.9, absolute: none, relative: none }, rate)).toBe(
    "Nothing is ruled out: control's mean is not told apart from 0 yet.",
  )
})

it('tells from half an interval what would have been found', () => {
  // scipy: norm.ppf(0.8) = 0.8416212335729143
  const interval = { level: 0.95, absolute: [-1, 3], relative: none } as const
  expect(detectableWithin(interval, 0.5)).toBeCloseTo(2 + 0.5 * 0.8416212335729143, 12)
  expect(detectableWithin({ ...interval, absolute: none }, 0.5)).toEqual(none)
  expect(detectableWithin(interval, none)).toEqual(none)
})

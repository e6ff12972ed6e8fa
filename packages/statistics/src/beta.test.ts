import { expect, it } from 'vitest'
import { betaCdf, betaQuantile, fQuantile } from './index.ts'

it('has a quantile of 0 where the quantile is no double any more', () => {
  // The first of them is near e^-28000; mpmath at 40 digits.
  expect(betaQuantile(4.2647787744617966e-290, 0.023467007782179056, 3.058059991221322)).toBe(0)
  expect(betaQuantile(1e-10, 1e-3, 2)).toBe(0)
  expect(betaQuantile(0.7, 1e-3, 5)).toBeCloseTo(1.5615964264363849e-156, 165)
  expect(fQuantile(1e-200, 0.01, 3)).toBe(0)
})

it('keeps twelve digits of a billion of each (mpmath, 40 digits)', () => {
  expect(betaCdf(0.5, 1e9, 1e9 + 3e4) / 0.74883092015005276).toBeCloseTo(1, 12)
})

import { normalPdf, normalQuantile, normalSf } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { advance, boundOf, pathsFrom, tailBeyond } from './paths.ts'

const [first, second, drift] = [0.3, 0.8, 1.7]
const [lower, upper] = [-0.4, 1.1]
const step = Math.sqrt(second - first)

/** P(lower < B(first) < upper, B(second) ≥ score), by 200,000 midpoints: slow, and of other making. */
function bySumming(score: number): number {
  const width = (upper - lower) / 200_000
  let sum = 0
  for (let i = 0; i < 200_000; i++) {
    const u = lower + (i + 0.5) * width
    const here = normalPdf((u - drift * first) / Math.sqrt(first)) / Math.sqrt(first)
    sum += here * normalSf((score - u) / step - drift * step) * width
  }
  return sum
}

describe('after one look that stopped some', () => {
  const paths = advance(pathsFrom(), { fraction: first, lower, upper, next: second }, drift)

  it.each([-3, 0, 1.2, 4])('the tail above %d is that of a sum over 200,000 points', (score) => {
    expect(tailBeyond(paths, second, score, drift)).toBeCloseTo(bySumming(score), 11)
  })

  it('both tails make up what went on', () => {
    const wentOn = paths.masses.reduce((sum, mass) => sum + mass, 0)
    expect(wentOn).toBeCloseTo(bySumming(Number.NEGATIVE_INFINITY), 11)
    const above = tailBeyond(paths, second, 0.5, drift, 1)
    expect(above + tailBeyond(paths, second, 0.5, drift, -1)).toBeCloseTo(wentOn, 14)
  })

  it.each([1, -1] as const)('a bound has behind it what was asked for, at any size (%d)', (direction) => {
    for (const probability of [0.3, 0.01, 1e-6, 1e-12]) {
      const bound = boundOf(paths, second, probability, drift, direction)!
      const tail = tailBeyond(paths, second, bound * Math.sqrt(second), drift, direction)
      expect(tail / probability).toBeCloseTo(1, 9)
    }
  })

  it('has no bound where nobody can be stopped, and stops all where more is asked than is left', () => {
    expect(boundOf(paths, second, 0, drift)).toBeNull()
    expect(boundOf(paths, second, 1e-40, drift)).toBeNull()
    expect(boundOf(paths, second, 0.99, drift)).toBeLessThan(-6)
  })
})

it('the first bound is the normal quantile', () => {
  for (const probability of [0.4, 0.025, 1e-9]) {
    expect(boundOf(pathsFrom(), 0.2, probability, 0)).toBeCloseTo(-normalQuantile(probability), 12)
  }
})

it('finds the bound of a look that comes at once after another', () => {
  const close = 0.30001
  const stop = 2 * Math.sqrt(first)
  const paths = advance(pathsFrom(), { fraction: first, lower: -9, upper: stop, next: close }, 0)
  const bound = boundOf(paths, close, 1e-15, 0)!
  expect(tailBeyond(paths, close, bound * Math.sqrt(close), 0) / 1e-15).toBeCloseTo(1, 6)
})

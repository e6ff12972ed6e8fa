import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  doubleStitchingBound,
  empiricalProcessBound,
  mixtureBound,
  polynomialStitchingBound,
} from '../index.ts'

const plan = fc.record({
  alpha: fc.double({ min: 1e-12, max: 0.5, noNaN: true }),
  eta: fc.double({ min: 1.1, max: 10, noNaN: true }),
  s: fc.double({ min: 1.05, max: 10, noNaN: true }),
})
const time = fc.double({ min: 1, max: 1e9, noNaN: true })

describe('polynomialStitchingBound', () => {
  it('rises with time, per unit of time falls, and falls with alpha', () => {
    fc.assert(
      fc.property(plan, time, fc.double({ min: -3, max: 3, noNaN: true }), (by, v, scale) => {
        const bound = (at: number, alpha = by.alpha) =>
          polynomialStitchingBound(at, { ...by, alpha, tunedFrom: 1, scale })
        expect(bound(v)).toBeGreaterThan(0)
        if (scale >= 0) expect(bound(2 * v)).toBeGreaterThan(bound(v))
        const plain = (at: number) =>
          polynomialStitchingBound(at, { alpha: by.alpha, tunedFrom: 1, scale: Math.abs(scale) })
        expect(plain(2 * v) / 2).toBeLessThan(plain(v))
        if (scale >= 0) expect(bound(v, by.alpha / 2)).toBeGreaterThan(bound(v))
      }),
    )
  })

  it('knows no units', () => {
    fc.assert(
      fc.property(plan, time, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (by, v, k) => {
        const bound = polynomialStitchingBound(v, { ...by, tunedFrom: 10, scale: 0.3 })
        const scaled = polynomialStitchingBound(v * k * k, { ...by, tunedFrom: 10 * k * k, scale: 0.3 * k })
        expect(scaled / (k * bound)).toBeCloseTo(1, 10)
      }),
    )
  })

  it('lies above the mixture tuned to the very time, but not by far over six decades', () => {
    for (const v of [1e2, 1e4, 1e6, 1e8]) {
      const stitched = polynomialStitchingBound(v, { alpha: 0.025, tunedFrom: 100 })
      const mixture = mixtureBound(v, { type: 'normal', rho: v / 8.2, sides: 1 }, 0.025)
      expect(stitched / mixture).toBeGreaterThan(1)
      expect(stitched / mixture).toBeLessThan(1.8)
    }
  })

  it('throws at a plan that is none, with the remedy', () => {
    const plain = { alpha: 0.05, tunedFrom: 10 }
    expect(() => polynomialStitchingBound(1, { ...plain, s: 1 })).toThrow(/s is 1: give a power above 1/)
    expect(() => polynomialStitchingBound(1, { ...plain, tunedFrom: 0 })).toThrow(/tunedFrom is 0/)
    expect(() => polynomialStitchingBound(1, { ...plain, scale: Number.NaN })).toThrow(/scale is NaN/)
    expect(() => polynomialStitchingBound(Number.NaN, plain)).toThrow(/intrinsicTime is NaN/)
  })
})

describe('doubleStitchingBound', () => {
  it('rises with n more slowly than n, and is finite however far out the quantile', () => {
    fc.assert(
      fc.property(plan, time, fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), (by, n, p) => {
        const bound = (at: number) => doubleStitchingBound(at, p, { ...by, tunedAt: 32 })
        expect(bound(n)).toBeGreaterThan(0)
        expect(Number.isFinite(bound(n))).toBe(true)
        const plain = (at: number) => doubleStitchingBound(at, p, { alpha: by.alpha, tunedAt: 32 })
        expect(plain(4 * n) / 4).toBeLessThan(plain(n))
      }),
    )
  })
})

describe('empiricalProcessBound', () => {
  const by = { alpha: 0.05, tunedFrom: 50 }

  it('is silent before it holds, then narrows, and widens as alpha falls', () => {
    expect(empiricalProcessBound(49, by)).toBe(Number.POSITIVE_INFINITY)
    const widths = [50, 500, 5000, 1e9].map((n) => empiricalProcessBound(n, by))
    expect(widths).toEqual([...widths].sort((a, b) => b - a))
    const alphas = [0.5, 0.05, 1e-3, 1e-9, 1e-100].map((alpha) =>
      empiricalProcessBound(1000, { ...by, alpha }),
    )
    expect(alphas).toEqual([...alphas].sort((a, b) => a - b))
  })

  it('spends all of alpha, at the best ratio of epochs that a grid finds', () => {
    for (const [alpha, factor] of [
      [0.05, 0.85],
      [0.01, 0.75],
      [1e-6, 1.2],
    ] as const) {
      const width = empiricalProcessBound(100, { alpha, tunedFrom: 100, factor })
      const C = (width / factor) ** 2 * 100
      let best = Number.POSITIVE_INFINITY
      for (let logBeyond = -12; logBeyond < 2; logBeyond += 1e-4) {
        const beyond = Math.exp(logBeyond)
        const gap = factor - Math.sqrt((2 * beyond) / C)
        const gamma2 = (2 * gap * gap) / (1 + beyond)
        if (gap < 0 || gamma2 <= 1) continue
        best = Math.min(best, 4 * Math.exp(-gamma2 * C) * (1 + 1 / ((gamma2 - 1) * Math.log1p(beyond))))
      }
      expect(best / alpha).toBeCloseTo(1, 5)
    }
  })

  it('throws at a plan that is none, with the remedy', () => {
    expect(() => empiricalProcessBound(100, { ...by, factor: 0.7 })).toThrow(/factor is 0.7/)
    expect(() => empiricalProcessBound(100, { ...by, tunedFrom: 0.5 })).toThrow(/1 or more/)
    expect(() => empiricalProcessBound(100, { ...by, alpha: 1 })).toThrow(/alpha is 1/)
  })
})

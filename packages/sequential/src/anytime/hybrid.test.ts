import { describe, expect, it } from 'vitest'
import { explicitTuning, groupSequentialBoundaries, hybridLimits, normalMixtureMultiplier } from '../index.ts'

const plan = {
  alpha: 0.05,
  ...explicitTuning({ alpha: 0.05, tunedAt: 10_000 }),
  rule: { type: 'hwang-shih-decani' as const, gamma: -4 },
}

describe('hybridLimits', () => {
  it('spends half of alpha on harm at every look and half on benefit at the planned ones', () => {
    const informationFractions = [0.3, 0.6]
    const limits = hybridLimits({ n: 6000, informationFractions }, plan)
    expect(limits.harm).toBe(-normalMixtureMultiplier(6000, { rho: plan.rho, alpha: 0.025, side: 'upper' }))
    const bounds = groupSequentialBoundaries({
      informationFractions,
      rule: plan.rule,
      sides: 1,
      alpha: 0.025,
    })
    expect(limits.benefit).toBe(bounds.upper[1])
    const both = hybridLimits({ n: 6000, informationFractions }, { ...plan, harmSides: 2 })
    expect(both.harm).toBeLessThan(limits.harm)
  })

  it('watches for harm alone between the planned looks, and spends what is left at a last one that is early', () => {
    expect(hybridLimits({ n: 10, informationFractions: [] }, plan)).toMatchObject({ benefit: null })
    const early = { n: 6000, informationFractions: [0.3, 0.6] }
    const last = hybridLimits({ ...early, isFinal: true }, plan)
    expect(last.benefit!).toBeLessThan(hybridLimits(early, plan).benefit!)
  })

  it('throws at a plan that is none, with the remedy', () => {
    const look = { n: 10, informationFractions: [] }
    expect(() => hybridLimits(look, { ...plan, alpha: 2 })).toThrow(/alpha/)
    expect(() => hybridLimits(look, { ...plan, rho: 0 })).toThrow(/rho is 0/)
    expect(() => hybridLimits({ ...look, n: 0 }, plan)).toThrow(/n is 0/)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AdjustmentMethod,
  adjustFamilies,
  adjustFamily,
  adjustPValues,
  type FamilyMember,
} from '../src/index.ts'
import { disagreements, type ReferenceCase } from './agreement.ts'
import reference from './reference/multiplicity.json' with { type: 'json' }

const methods: Record<string, AdjustmentMethod> = {
  bonferroni: 'bonferroni',
  holm: 'holm',
  hochberg: 'hochberg',
  hommel: 'hommel',
  BH: 'benjamini-hochberg',
  BY: 'benjamini-yekutieli',
}

for (const each of reference.cases as ReferenceCase[]) {
  it(`${each.id} agrees with R`, () => {
    const adjusted = Object.entries(methods).map(([key, method]) => [
      key,
      adjustPValues(each.input.p, method),
    ])
    expect(disagreements(each, Object.fromEntries(adjusted))).toEqual([])
  })
}

const pValues = fc.array(
  fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.01, noNaN: true })),
  { maxLength: 12 },
)
const method = fc.constantFrom(...Object.values(methods))
const weights = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 12, maxLength: 12 })

describe('adjustPValues', () => {
  it('never goes down, never above 1, and keeps the order of the p-values', () => {
    fc.assert(
      fc.property(pValues, method, (p, how) => {
        const adjusted = adjustPValues(p, how)
        for (let i = 0; i < p.length; i++) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p[i]! * (1 - 1e-15))
          expect(adjusted[i]).toBeLessThanOrEqual(1)
          for (let j = 0; j < p.length; j++) {
            if (p[i]! <= p[j]!) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!)
          }
        }
      }),
    )
  })

  it('is ordered: Hommel ≤ Hochberg ≤ Holm ≤ Bonferroni, Benjamini-Hochberg ≤ Hommel', () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const sharpest: AdjustmentMethod[] = [
          'benjamini-hochberg',
          'hommel',
          'hochberg',
          'holm',
          'bonferroni',
        ]
        const all = sharpest.map((how) => adjustPValues(p, how))
        for (let k = 1; k < all.length; k++) {
          for (let i = 0; i < p.length; i++) {
            expect(all[k - 1]![i]).toBeLessThanOrEqual(all[k]![i]! * (1 + 1e-14))
          }
        }
      }),
    )
  })

  it('of Hommel is the closure of Simes: the largest Simes p of all subsets with the test in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.2, noNaN: true }), { minLength: 1, maxLength: 7 }),
        (p) => {
          const adjusted = adjustPValues(p, 'hommel')
          const closed = p.map(() => 0)
          for (let subset = 1; subset < 2 ** p.length; subset++) {
            const members = p.filter((_, i) => Math.floor(subset / 2 ** i) % 2 === 1).sort((a, b) => a - b)
            const simes = Math.min(...members.map((each, rank) => (members.length * each) / (rank + 1)))
            for (let i = 0; i < p.length; i++) {
              if (Math.floor(subset / 2 ** i) % 2 === 1) closed[i] = Math.max(closed[i]!, simes)
            }
          }
          for (let i = 0; i < p.length; i++) expect(adjusted[i]).toBeCloseTo(Math.min(1, closed[i]!), 13)
        },
      ),
    )
  })

  it('with weights of any sum is Bonferroni, and Holm, at each test’s own share; equal weights change nothing', () => {
    expect(adjustPValues([0.01, 0.01], 'bonferroni', { weights: [3, 1] })).toEqual([0.01 / 0.75, 0.04])
    expect(adjustPValues([0.01, 0.02], 'holm', { weights: [3, 1] })).toEqual([0.01 / 0.75, 0.02])
    fc.assert(
      fc.property(pValues, weights, fc.constantFrom('bonferroni' as const, 'holm' as const), (p, w, how) => {
        const some = adjustPValues(p, how, { weights: w.slice(0, p.length) })
        const scaled = adjustPValues(p, how, { weights: w.slice(0, p.length).map((each) => 4 * each) })
        expect(scaled).toEqual(some)
        const equal = adjustPValues(p, how, { weights: p.map(() => 7) })
        for (const [i, plain] of adjustPValues(p, how).entries()) expect(equal[i]).toBeCloseTo(plain, 13)
      }),
    )
  })

  it('refuses what is no p-value and weights that nobody would use', () => {
    expect(() => adjustPValues([0.1, Number.NaN], 'holm')).toThrow('a p-value is NaN')
    expect(() => adjustPValues([1.1], 'holm')).toThrow('a p-value is 1.1')
    expect(() => adjustPValues([0.1], 'hochberg', { weights: [1] })).toThrow('takes no weights')
    expect(() => adjustPValues([0.1], 'holm', { weights: [0] })).toThrow('finite numbers above 0')
    expect(() => adjustPValues([0.1], 'holm', { weights: [1, 2] })).toThrow('give 1 finite')
    expect(adjustPValues([], 'hommel')).toEqual([])
  })
})

describe('adjustFamily', () => {
  const named = (...p: (number | undefined)[]): FamilyMember[] =>
    p.map((pValue, i) => ({ name: `metric ${i}`, pValue }))

  it('gives Bonferroni simultaneous intervals, stepwise tests the same ones, called wider', () => {
    const [first, second] = adjustFamily(named(0.02, 0.04), { method: 'bonferroni' })
    expect(first).toMatchObject({ isSignificant: true, coverage: 'simultaneous' })
    expect(first!.adjustedP).toBe(0.04)
    expect(first!.intervalLevel).toBeCloseTo(0.975, 14)
    expect(second!.isSignificant).toBe(false)
    const stepwise = adjustFamily(named(0.02, 0.04), { method: 'holm' })
    expect(stepwise[1]).toMatchObject({ isSignificant: true, coverage: 'simultaneous-wider' })
    expect(stepwise[1]!.intervalLevel).toBe(first!.intervalLevel)
  })

  it('widens the intervals of the discoveries by their share of the family, and claims nothing of the others', () => {
    const judged = adjustFamily(named(0.001, 0.01, 0.6, 0.9), { method: 'benjamini-hochberg' })
    expect(judged.map(({ isSignificant }) => isSignificant)).toEqual([true, true, false, false])
    expect(judged[0]).toMatchObject({ coverage: 'false-coverage-rate' })
    expect(judged[0]!.intervalLevel).toBeCloseTo(1 - (0.05 * 2) / 4, 14)
    expect(judged[3]).toMatchObject({ coverage: 'marginal' })
    expect(judged[3]!.intervalLevel).toBeCloseTo(0.95, 14)
    const [worst] = adjustFamily(named(0.001, 0.01, 0.6, 0.9), { method: 'benjamini-yekutieli' })
    expect(worst!.intervalLevel).toBeCloseTo(1 - (0.05 * 2) / 4 / (1 + 1 / 2 + 1 / 3 + 1 / 4), 14)
  })

  it('counts a test that could not be estimated, and gives it no p', () => {
    const [known, unknown] = adjustFamily(named(0.03, undefined), { method: 'holm' })
    expect(known).toMatchObject({ adjustedP: 0.06, isSignificant: false })
    expect(unknown).toMatchObject({ adjustedP: undefined, isSignificant: false })
  })

  it('gives a heavy test the narrower interval', () => {
    const [heavy, light] = adjustFamily(
      [
        { name: 'revenue', pValue: 0.03, weight: 4 },
        { name: 'clicks', pValue: 0.03 },
      ],
      { method: 'bonferroni', level: 0.9 },
    )
    expect(heavy!.intervalLevel).toBeCloseTo(0.92, 14)
    expect(light!.intervalLevel).toBeCloseTo(0.98, 14)
    expect([heavy!.isSignificant, light!.isSignificant]).toEqual([true, false])
  })

  it('keeps named families apart, in the order given', () => {
    const members = [
      { name: 'a', family: 'primary', pValue: 0.04 },
      { name: 'b', family: 'discovery', pValue: 0.04 },
      { name: 'c', family: 'discovery', pValue: 0.001 },
    ]
    const judged = adjustFamilies(members, {
      primary: { method: 'holm' },
      discovery: { method: 'bonferroni' },
    })
    expect(judged.map(({ name, adjustedP }) => [name, adjustedP])).toEqual([
      ['a', 0.04],
      ['b', 0.08],
      ['c', 0.002],
    ])
    expect(judged.map(({ family }) => family)).toEqual(['primary', 'discovery', 'discovery'])
    expect(() => adjustFamilies(members, { primary: { method: 'holm' } })).toThrow('discovery has no plan')
    expect(() => adjustFamily(named(0.1), { method: 'holm', level: 95 })).toThrow('0.95, not 95')
  })
})

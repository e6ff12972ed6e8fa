import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Estimable,
  concludeFrom,
  differenceOfEstimates,
  type EffectHypotheses,
  hypothesisPValues,
  isEstimable,
  type NotEstimable,
} from '../src/index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}
const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const hypotheses = fc.record({
  better: fc.constantFrom('higher' as const, 'lower' as const),
  margin: number(0, 3),
  worthwhile: number(0, 2),
})

describe('concludeFrom', () => {
  const at = (lower: number, upper: number, rest?: Partial<EffectHypotheses>) =>
    concludeFrom({ lower, upper }, { better: 'higher', margin: 1, ...rest })

  it('reads every place that an interval may have around the margins', () => {
    expect(at(-3, -2).conclusion).toBe('unacceptable')
    expect(at(-3, -0.5).conclusion).toBe('inferior')
    expect(at(-3, 0.5).conclusion).toBe('inconclusive')
    expect(at(-3, 3).conclusion).toBe('inconclusive')
    expect(at(-0.5, 0.5).conclusion).toBe('equivalent')
    expect(at(-0.5, 3).conclusion).toBe('non-inferior')
    expect(at(0.5, 3).conclusion).toBe('superior')
    expect(at(0.5, 3, { worthwhile: 1 }).conclusion).toBe('non-inferior')
    // Harm that is acceptable: three things are true, the first is said.
    expect(at(-0.7, -0.2)).toMatchObject({
      isInferior: true,
      isNonInferior: true,
      isEquivalent: true,
      isUnacceptable: false,
      conclusion: 'inferior',
    })
    expect(at(-0.2, 0.1, { margin: 0 }).conclusion).toBe('inconclusive')
  })

  it('mirrors when lower is better', () => {
    fc.assert(
      fc.property(number(-5, 5), number(0, 5), hypotheses, (lower, width, held) => {
        const plain = concludeFrom({ lower, upper: lower + width }, { ...held, better: 'higher' })
        const mirrored = concludeFrom({ lower: -lower - width, upper: -lower }, { ...held, better: 'lower' })
        expect(mirrored).toEqual(plain)
      }),
    )
  })

  it('never says that an effect is both superior and inferior, and superior is non-inferior', () => {
    fc.assert(
      fc.property(number(-5, 5), number(0, 5), hypotheses, (lower, width, held) => {
        const said = concludeFrom({ lower, upper: lower + width }, held)
        expect(said.isSuperior && said.isInferior).toBe(false)
        if (said.isSuperior) expect(said.isNonInferior).toBe(true)
        if (said.isUnacceptable) expect(said.isInferior).toBe(true)
        expect(said.isUnacceptable && said.isNonInferior).toBe(false)
      }),
    )
  })

  it('says what its p-values say, at half of 1 − level', () => {
    fc.assert(
      fc.property(
        number(-5, 5),
        number(0.05, 3),
        fc.integer({ min: 2, max: 500 }),
        hypotheses,
        (mean, se, df, held) => {
          const control = { mean: 0, variance: 0, degreesOfFreedom: df }
          const treatment = { mean, variance: se * se, degreesOfFreedom: df }
          const test = known(differenceOfEstimates(control, treatment, { level: 0.9 }))
          const said = concludeFrom(test.interval, held)
          const p = known(
            hypothesisPValues(
              { estimate: mean, standardError: test.standardError, degreesOfFreedom: test.degreesOfFreedom },
              held,
            ),
          )
          fc.pre(Object.values(p).every((each) => Math.abs(each - 0.05) > 1e-9))
          expect(p.superiority < 0.05).toBe(said.isSuperior)
          expect(p.nonInferiority < 0.05).toBe(said.isNonInferior)
          expect(p.equivalence < 0.05).toBe(said.isEquivalent)
          expect(p.inferiority < 0.05).toBe(said.isInferior)
        },
      ),
    )
  })

  it('refuses a margin that is none, and says why it cannot', () => {
    expect(() => at(0, 1, { margin: -1 })).toThrow('margin is -1')
    expect(code(hypothesisPValues({ estimate: 1, standardError: 0 }, { better: 'higher' }))).toBe(
      'zero-variance',
    )
    expect(code(hypothesisPValues({ estimate: Number.NaN, standardError: 1 }, { better: 'higher' }))).toBe(
      'non-finite',
    )
  })
})

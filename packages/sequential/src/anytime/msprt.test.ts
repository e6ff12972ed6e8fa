import { type Estimable, isEstimable, type NotEstimable } from '@fairtrial/statistics'
import { expect, it } from 'vitest'
import { msprt } from '../index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const code = (value: Estimable<object>) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : ''

it('is ln of the likelihood mixed over effects, by quadrature', () => {
  const [d, s, tau] = [0.4, 0.15, 0.3]
  const { logLikelihoodRatio, pValue } = known(
    msprt({ estimate: d, standardError: s }, { mixingVariance: tau * tau, alpha: 0.05 }),
  )
  let mixed = 0
  const step = 1e-3
  for (let effect = -3; effect <= 3; effect += step) {
    const prior = Math.exp((-effect * effect) / (2 * tau * tau)) / Math.sqrt(2 * Math.PI * tau * tau)
    mixed += step * prior * Math.exp((d * effect - (effect * effect) / 2) / (s * s))
  }
  expect(logLikelihoodRatio).toBeCloseTo(Math.log(mixed), 9)
  expect(pValue).toBeCloseTo(1 / mixed, 9)
})

it('keeps ln Λ where the p-value is 1 or leaves the doubles', () => {
  const none = known(msprt({ estimate: 0, standardError: 0.1 }, { mixingVariance: 1, alpha: 0.05 }))
  expect(none.logLikelihoodRatio).toBeCloseTo(-0.5 * Math.log(101), 12)
  expect(none.pValue).toBe(1)
  const much = known(msprt({ estimate: 100, standardError: 0.1 }, { mixingVariance: 1, alpha: 0.05 }))
  expect(much.logP).toBe(-much.logLikelihoodRatio)
  expect(much.logP).toBeLessThan(-4e5)
})

it('FAULTS 43 and 44: no spread, no number; no mixing variance, no plan', () => {
  const options = { mixingVariance: 1, alpha: 0.05 }
  expect(code(msprt({ estimate: 1, standardError: 0 }, options))).toBe('zero-variance')
  expect(code(msprt({ estimate: Number.NaN, standardError: 1 }, options))).toBe('non-finite')
  expect(code(msprt({ estimate: 1e308, standardError: 1e-5 }, options))).toBe('non-finite')
  expect(code(msprt({ estimate: 1, standardError: 1e-200 }, options))).toBe('non-finite')
  expect(() => msprt({ estimate: 1, standardError: 1 }, { ...options, mixingVariance: 0 })).toThrow(
    /mixingVariance is 0/,
  )
})

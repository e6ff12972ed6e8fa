import { expect, it } from 'vitest'
import { noncentralTSf } from '../index.ts'

// mpmath's quadrature at 30 digits over the distribution of the spread.
it.each([
  [20.313131895717724, 1, 20.25850597267479, 0.6808006260356409],
  [3, 0.9, 2, 0.49248440371700723],
  [60, 1.5, 40, 0.41578849805435531],
  [2, 5, -3, 7.7996360918320379e-6],
  [1.98, 200, 35, 1],
])('P(T > %f) with %f degrees of freedom and a shift of %f', (t, df, shift, exact) => {
  expect(Math.abs(noncentralTSf(t, df, shift) / exact - 1)).toBeLessThan(1e-11)
})

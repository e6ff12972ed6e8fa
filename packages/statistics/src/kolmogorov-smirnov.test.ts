import { expect, it } from 'vitest'
import { isEstimable, kolmogorovSmirnov } from './index.ts'

/** Two samples of n values whose distribution functions are `gap` / n apart: like one sample of n / 2. */
function asymptotic(n: number, gap: number): number {
  const values = Array.from({ length: n }, (_, i) => i)
  const test = kolmogorovSmirnov(
    values,
    values.map((value) => value + gap),
  )
  if (!isEstimable(test) || !isEstimable(test.asymptotic)) throw new Error('not estimable')
  return test.asymptotic.pValue
}

// Durbin's matrix in mpmath at 60 digits. scipy 1.17's kstwo.sf is off by up to 8e-6 from n = 141 on.
it.each([
  [200, 30, 0.019839242125646046],
  [200, 40, 0.0005551927328028097],
  [200, 50, 0.000005408871776434847],
  [200, 60, 1.7719869892662917e-8],
  [400, 16, 0.8932862988637319],
  [400, 40, 0.034110070781484966],
  [400, 56, 0.0006986150564248224],
  [800, 40, 0.26121260292565057],
])('two samples of %i values, %i apart, have the exact p of one sample', (n, gap, exact) => {
  expect(Math.abs(asymptotic(n, gap) / exact - 1)).toBeLessThan(2e-10)
})

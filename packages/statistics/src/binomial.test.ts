import { expect, it } from 'vitest'
import { binomialCdf, binomialPmf, binomialSf } from './index.ts'

it.each([
  ['P(X ≤ k)', binomialCdf, 292447632, 975002281, 0.2999861636535822, 0.0028475911143320404],
  ['P(X > k)', binomialSf, 243976206, 292837814, 0.8329723022019626, 1.3950085025871122e-15],
  ['P(X = k)', binomialPmf, 100646551, 181066169, 0.5561572368655726, 1.7172444488385777e-19],
])(
  'keeps twelve digits of %s of hundreds of millions of units (mpmath, 60 digits)',
  (_, f, k, n, p, exact) => {
    expect(Math.abs(f(k, n, p) / exact - 1)).toBeLessThan(1e-12)
  },
)

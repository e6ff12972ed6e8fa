import { expect, it } from 'vitest'
import { normalQuantile, studentTLogSf, studentTQuantile } from './index.ts'

it('has one quantile on either side of where the series in 1/df takes over', () => {
  for (const p of [0.4, 0.2, 0.05, 0.025, 1e-3, 1e-6, 1e-12, 1e-60]) {
    const from = 200 * Math.max(1, normalQuantile(p) ** 2)
    for (const df of [from * (1 - 1e-12), from * 1.000001, from * 7.3, from * 1e4]) {
      const t = studentTQuantile(p, df)
      expect(Math.abs(studentTLogSf(-t, df) / Math.log(p) - 1), `p ${p}, df ${df}`).toBeLessThan(4e-13)
    }
  }
})

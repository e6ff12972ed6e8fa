import { expect, it } from 'vitest'
import type { TrailFact } from './chain.ts'
import { limitRefusals } from './refusal-limit.ts'

const refused = (at: number): TrailFact => ({
  at,
  by: 'unknown',
  role: null,
  kind: 'refused',
  experiment: 'home-row',
  detail: { action: 'abort' },
})

it('writes sixty refusals of a minute, counts the others, and tells how many with the next', () => {
  const limited = limitRefusals()
  const written = Array.from({ length: 1_000 }, (_, i) => limited(refused(i))).filter((fact) => fact !== null)
  expect(written).toHaveLength(60)
  expect(limited({ ...refused(1_000), kind: 'note' })).not.toBeNull()
  expect(limited(refused(60_000))?.detail).toEqual({ action: 'abort', refusedBefore: 940 })
  expect(limited(refused(60_001))?.detail).toEqual({ action: 'abort' })
})

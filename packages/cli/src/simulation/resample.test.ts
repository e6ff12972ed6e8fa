import { createRandom } from '@fairtrial/sequential'
import { describe, expect, it } from 'vitest'
import { changeOf, drawPlaces, momentsAt } from './resample.ts'

const ones = Array.from({ length: 100 }, (_, i) => (i < 30 ? 1 : 0))
const amounts = Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : i))

describe('units drawn again', () => {
  it.each([
    ['proportion', ones, 0.3, 0.05],
    ['proportion', ones, 0.3, -0.1],
    ['mean', amounts, 37.25, 3],
    ['count', amounts, 37.25, -5],
    ['mean', [-1, 1], 0, 0.5],
  ] as const)('of a %s have the mean that an effect gives them', (type, values, mean, effect) => {
    const random = createRandom(5)
    const places = drawPlaces(60_000, values.length, random)
    const plain = momentsAt(places, values, undefined, random)
    const changed = momentsAt(places, values, changeOf(type, mean, effect), random)
    const error = Math.sqrt(plain.m2 / plain.n / plain.n)
    expect(Math.abs(plain.mean - mean)).toBeLessThan(4.5 * error)
    expect(Math.abs(changed.mean - mean - effect)).toBeLessThan(6 * error)
    if (type === 'proportion')
      expect(changed.m2).toBeCloseTo(changed.n * changed.mean * (1 - changed.mean), 6)
  })

  it('are every unit, and leave out who has no number', () => {
    const random = createRandom(6)
    const places = drawPlaces(2_000, 3, random)
    expect(new Set(places)).toEqual(new Set([0, 1, 2]))
    const missing = places.filter((place) => place === 1).length
    expect(momentsAt(places, [5, null, 5], undefined, random)).toEqual({ n: 2_000 - missing, mean: 5, m2: 0 })
  })
})

import { kolmogorovSf, normalCdf, normalSf } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { createRandom } from './random.ts'

const N = 400_000
/** What seed 1 makes of itself. */
const REFERENCE_STATE = [0xfabc71c9n, 0x31b6a799n, 0x4f347372n, 0xcfc1f517n]
const draw = (next: () => number, n = N) => Float64Array.from({ length: n }, next)

/** P of a Kolmogorov-Smirnov distance as large, if the values came from the distribution. */
function agreement(values: Float64Array, cdf: (x: number) => number): number {
  const sorted = values.toSorted()
  let distance = 0
  for (let i = 0; i < sorted.length; i++) {
    const p = cdf(sorted[i]!)
    distance = Math.max(distance, (i + 1) / sorted.length - p, p - i / sorted.length)
  }
  return kolmogorovSf(distance * Math.sqrt(sorted.length))
}

function correlation(a: Float64Array, b: Float64Array): number {
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, each, i) => sum + each * y[i]!, 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

it('is the same for a seed, and another for another seed or stream', () => {
  const first = (seed: number, stream?: number) => draw(createRandom(seed, stream).uniform, 5).join()
  expect(first(1)).toBe(first(1))
  const starts = [first(1), first(2), first(-1), first(1 + 2 ** 32), first(1, 1), first(1, 2 ** 32), first(0)]
  expect(new Set(starts).size).toBe(starts.length)
})

it('steps as xoshiro128** does', () => {
  // The reference code by Blackman & Vigna (prng.di.unimi.it), started from the same words, in 64-bit integers.
  const words = 0xffffffffn
  const rotate = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & words
  const state = [...REFERENCE_STATE]
  const next = () => {
    const result = (rotate((state[1]! * 5n) & words, 7n) * 9n) & words
    const shifted = (state[1]! << 9n) & words
    state[2]! ^= state[0]!
    state[3]! ^= state[1]!
    state[1]! ^= state[2]!
    state[0]! ^= state[3]!
    state[2]! ^= shifted
    state[3] = rotate(state[3]!, 11n)
    return result
  }
  const { uniform } = createRandom(1)
  for (let i = 0; i < 100; i++) {
    const expected = Number(((next() >> 5n) << 26n) | (next() >> 6n)) / 2 ** 53
    expect(uniform()).toBe(expected)
  }
})

describe('the numbers', () => {
  it('are uniform, and do not know the one before', () => {
    const values = draw(createRandom(3).uniform)
    expect(agreement(values, (x) => x)).toBeGreaterThan(0.001)
    const centred = values.map((x) => x - 0.5)
    expect(Math.abs(correlation(centred.subarray(1), centred.subarray(0, N - 1)))).toBeLessThan(
      3.29 / Math.sqrt(N),
    )
  })

  it('are normal, in the middle and in the tails', () => {
    const { normal } = createRandom(4)
    const values = draw(normal)
    expect(agreement(values, normalCdf)).toBeGreaterThan(0.001)
    for (const z of [1, 2, 3, 3.6541528853610088, 4]) {
      for (const sign of [1, -1]) {
        const expected = N * normalSf(z)
        const beyond = values.reduce((count, x) => count + (sign * x > z ? 1 : 0), 0)
        expect(Math.abs(beyond - expected)).toBeLessThan(3.9 * Math.sqrt(expected) + 1)
      }
    }
    expect(Math.abs(correlation(values.subarray(1), values.subarray(0, N - 1)))).toBeLessThan(
      3.29 / Math.sqrt(N),
    )
  })

  it('of two streams of one seed do not go together', () => {
    const [a, b] = [1, 2].map((stream) => draw(createRandom(5, stream).normal)) as [
      Float64Array,
      Float64Array,
    ]
    expect(Math.abs(correlation(a, b))).toBeLessThan(3.29 / Math.sqrt(N))
  })
})

it('refuses a seed that is none', () => {
  expect(() => createRandom(0.5)).toThrow(/seed is 0.5: give a whole number/)
  expect(() => createRandom(1, Number.NaN)).toThrow(/stream is NaN/)
})

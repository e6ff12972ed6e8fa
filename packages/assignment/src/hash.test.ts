import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bucketOf, hashUtf8, latin1View } from './hash.ts'

// Printed by aappleby/smhasher MurmurHash3.cpp, compiled.
it.each([
  ['', 0, 0],
  ['abc', 0, 3017643002],
  ['hello world', 0, 1586663183],
  ['é', 0, 269551495],
  ['日本語', 0, 2779017879],
  ['😀', 0, 3199479546],
  ['Sulisław', 0, 2692847601],
  ['user-1', 1234, 2199100555],
])('hashes %j with seed %d to %d', (text, seed, hash) => {
  expect(hashUtf8(text, seed)).toBe(hash)
})

it('sees the UTF-8 bytes of any well-formed text, and none of any other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(latin1View(text)).toBe(Buffer.from(text).toString('latin1'))
    }),
    { seed: 1 },
  )
  expect(latin1View('a\ud800')).toBe('')
})

it('refuses what has no UTF-8 form, where murmurhash3js would hash it with something else', () => {
  for (const text of ['\ud800', 'a\udc00b', 123, null, undefined, {}]) {
    expect(() => hashUtf8(text as string)).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
  }
})

it('maps a hash to its bucket as exact integers do', () => {
  const exactly = (hash: number) => Number((BigInt(hash) * 1_000_000n) >> 32n)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (hash) => {
      expect(bucketOf(hash)).toBe(exactly(hash))
    }),
    { seed: 1 },
  )
  // Both sides of where a bucket begins: there a rounded product would show.
  for (let bucket = 1; bucket < 1_000_000; bucket += 997) {
    const first = Math.ceil((bucket * 2 ** 32) / 1_000_000)
    expect([bucketOf(first - 1), bucketOf(first)]).toEqual([bucket - 1, bucket])
  }
})

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { hashLatin1 } from '../src/hash.ts'
import { isMissing, runs } from './present.ts'
import { checkVectors } from './vectors.ts'
import { assignments, hashes } from './vectors-bundle.ts'

const folder = fileURLToPath(new URL('../vectors/', import.meta.url))

it('agrees with every vector in Node', () => {
  const { checked, wrong } = checkVectors(hashes, assignments)
  expect(wrong).toEqual([])
  expect(checked).toBeGreaterThan(700)
})

it('agrees with the reference C++ on bytes that are no text', () => {
  for (const { id, seed, utf8Hex, hash } of hashes.cases) {
    expect(hashLatin1(Buffer.from(utf8Hex, 'hex').toString('latin1'), seed), id).toBe(hash)
  }
})

it('reproduces the verification value of the reference C++', () => {
  const keys = Array.from({ length: 256 }, (_, i) => String.fromCharCode(...Array(i).keys()))
  const all = Buffer.alloc(1024)
  for (const [i, key] of keys.entries()) all.writeUInt32LE(hashLatin1(key, 256 - i), i * 4)
  expect(hashLatin1(all.toString('latin1'), 0)).toBe(hashes.verification.expected.hash)
})

it('counts as the reference C++ does, uniform and independent', () => {
  const counts = Array<number>(100).fill(0)
  for (let i = 0; i < 200_000; i++) counts[Math.floor((hashLatin1(`exp-7:user-${i}`, 0) * 100) / 2 ** 32)]!++
  expect(counts).toEqual(hashes.uniformity.expected.counts)
  const table = [
    [0, 0],
    [0, 0],
  ]
  for (let i = 0; i < 100_000; i++) {
    table[hashLatin1(`layerA:user-${i}`, 0) >>> 31]![hashLatin1(`layerB:user-${i}`, 0) >>> 31]!++
  }
  expect(table).toEqual(hashes.independence.expected.table)
})

it('agrees with an implementation in another language', () => {
  if (isMissing('python3', runs('python3', '--version'))) return
  const output = execFileSync('python3', [join(folder, 'verify.py')], { encoding: 'utf8' })
  expect(output).toMatch(/^(\d+) of \1 vectors agree\n$/)
})

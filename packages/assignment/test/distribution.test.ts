import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { assign, bucketOf, hashUtf8, loadExperiment, seedOf } from '../src/index.ts'
import { experimentOf, stateOf, viewer } from './experiment.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

// Upper 1e-6 points of chi-square by the Wilson-Hilferty cube; 4.7534 is the normal's.
const bound = (degrees: number) =>
  degrees * (1 - 2 / (9 * degrees) + 4.7534 * Math.sqrt(2 / (9 * degrees))) ** 3

it('FAULTS 21: a million ids fill the buckets evenly under each salt', () => {
  const CELLS = 1_000
  for (const salt of ['ranker', 'ranker-2', '', 'Größe', 'x'.repeat(200)]) {
    const seed = seedOf('variant', salt)
    const counts = new Int32Array(CELLS)
    for (let i = 0; i < 1_000_000; i++) counts[Math.floor(bucketOf(hashUtf8(`user-${i}`, seed)) / CELLS)]!++
    const expected = 1_000_000 / CELLS
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    expect(chiSquare, salt).toBeLessThan(bound(CELLS - 1))
    // Too even would be no chance either: the lower 1e-6 point.
    expect(chiSquare, salt).toBeGreaterThan(bound(CELLS - 1) - 2 * 4.7534 * Math.sqrt(2 * (CELLS - 1)))
  }
})

it('FAULTS 21: a thousand salts split the same units independently of each other, pair by pair', () => {
  const SALTS = 1_000
  const UNITS = 4_096
  const sides = Array.from({ length: SALTS }, (_, salt) => {
    const seed = seedOf('variant', `experiment-${salt}`)
    const bits = new Uint32Array(UNITS / 32)
    for (let unit = 0; unit < UNITS; unit++) {
      if (hashUtf8(`user-${unit}`, seed) >= 2 ** 31) bits[unit >>> 5]! |= 1 << (unit & 31)
    }
    return bits
  })
  // Under independence the units on equal sides are Binomial(UNITS, 1/2). Over half a million pairs the
  // largest z stays below 6.1 with probability 1 − 5e-4 (and the salts are fixed), and z² averages 1.
  let sumOfSquares = 0
  let largest = 0
  for (let a = 0; a < SALTS; a++) {
    for (let b = 0; b < a; b++) {
      let differing = 0
      for (let word = 0; word < UNITS / 32; word++) differing += bitCount(sides[a]![word]! ^ sides[b]![word]!)
      const z = (2 * differing - UNITS) / Math.sqrt(UNITS)
      sumOfSquares += z * z
      largest = Math.max(largest, Math.abs(z))
    }
  }
  const pairs = (SALTS * (SALTS - 1)) / 2
  expect(largest).toBeLessThan(6.1)
  expect(Math.abs(sumOfSquares / pairs - 1)).toBeLessThan(0.02)
})

it('the purposes of one experiment are independent of each other', () => {
  const purposes = (['holdout', 'layer', 'traffic', 'variant'] as const).map((purpose) =>
    seedOf(purpose, 'same'),
  )
  const counts = new Int32Array(16)
  for (let i = 0; i < 200_000; i++) {
    const cell = purposes.reduce((cell, seed) => cell * 2 + (hashUtf8(`user-${i}`, seed) >>> 31), 0)
    counts[cell]!++
  }
  const expected = 200_000 / 16
  expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(bound(15))
})

it('FAULTS 20: a million assignments leave nothing behind on the heap', () => {
  const experiment = experimentOf({ eligibility: { attribute: 'plan', equals: 'paid' } })
  const loaded = loadExperiment(experiment, stateOf(experiment, { trafficPercent: 50 }))
  const million = () => {
    for (let i = 0; i < 1_000_000; i++) assign(loaded, viewer(`user-${i}`, { plan: 'paid' }))
  }
  const settled = () => {
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  for (let i = 0; i < 1_000; i++) assign(loaded, viewer(`é-${i}`, { plan: 'paid' }))
  const before = settled()
  million()
  // One byte an assignment would be a leak.
  expect(settled() - before).toBeLessThan(1_000_000)
})

function bitCount(word: number): number {
  let v = word - ((word >>> 1) & 0x5555_5555)
  v = (v & 0x3333_3333) + ((v >>> 2) & 0x3333_3333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

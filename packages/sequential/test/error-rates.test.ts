import {
  accumulate,
  accumulatedMoments,
  createAccumulator,
  type Estimable,
  isEstimable,
  normalQuantile,
  welch,
} from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { anytimeEstimate, explicitTuning, sampleRatioTest } from '../src/index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

/** mulberry32: 32 bits of state, seeded, good enough to draw experiments with. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const EXPERIMENTS = 1000
const ALPHA = 0.05
const BATCH = 50
const LOOKS = 60
/** 3.29 standard errors of a simulated share: one run in a thousand strays further. */
const band = (share: number) => 3.29 * Math.sqrt((share * (1 - share)) / EXPERIMENTS)

/** Shares of experiments in which some look excludes "no effect": by the sequence, and by a t test each day. */
function everCrossing(draw: (random: () => number) => number, lift: number, seed: number) {
  const random = createRandom(seed)
  const options = { alpha: ALPHA, ...explicitTuning({ alpha: ALPHA, tunedAt: 2000 }) }
  const critical = -normalQuantile(ALPHA / 2)
  let sequence = 0
  let peeking = 0
  for (let i = 0; i < EXPERIMENTS; i++) {
    const control = createAccumulator()
    const treatment = createAccumulator()
    let isCrossed = false
    let isPeeked = false
    for (let look = 0; look < LOOKS; look++) {
      for (let unit = 0; unit < BATCH; unit++) {
        accumulate(control, draw(random))
        accumulate(treatment, draw(random) + lift)
      }
      const test = welch(accumulatedMoments(control), accumulatedMoments(treatment))
      if (!isEstimable(test)) continue
      const { difference: estimate, standardError } = test
      const { pValue } = known(
        anytimeEstimate({ estimate, standardError, n: control.n + treatment.n }, options),
      )
      isCrossed ||= pValue <= ALPHA
      isPeeked ||= Math.abs(test.t) >= critical
    }
    if (isCrossed) sequence++
    if (isPeeked) peeking++
  }
  return { sequence: sequence / EXPERIMENTS, peeking: peeking / EXPERIMENTS }
}

describe('looked at 60 times, alpha 0.05', () => {
  it.each([
    ['uniform', (random: () => number) => random(), 1],
    ['exponential', (random: () => number) => -Math.log(1 - random()), 2],
    ['rare binary', (random: () => number) => (random() < 0.05 ? 1 : 0), 3],
  ])('%s data without an effect are called one in at most 5 % of experiments', (_, draw, seed) => {
    const { sequence, peeking } = everCrossing(draw, 0, seed)
    expect(sequence).toBeLessThanOrEqual(ALPHA + band(ALPHA))
    // The same experiments, looked at with a fixed test each time: what the sequence protects from.
    expect(peeking).toBeGreaterThan(0.2)
  })

  it('a real effect is found', () => {
    expect(everCrossing((random) => random(), 0.05, 4).sequence).toBeGreaterThan(0.9)
  })
})

it('the sample ratio test, looked at daily at alpha 0.001, hardly ever alarms under the planned ratio', () => {
  const random = createRandom(5)
  const share = (bias: number) => {
    let alarms = 0
    for (let i = 0; i < EXPERIMENTS; i++) {
      const counts = [0, 0]
      let previousLogP = 0
      for (let day = 0; day < 50; day++) {
        for (let unit = 0; unit < 100; unit++) counts[random() < 0.5 + bias ? 0 : 1]! += 1
        previousLogP = known(sampleRatioTest([{ counts, weights: [1, 1] }], { previousLogP })).logP
      }
      if (previousLogP <= Math.log(0.001)) alarms++
    }
    return alarms / EXPERIMENTS
  }
  expect(share(0)).toBeLessThanOrEqual(0.001 + band(0.001))
  expect(share(0.07)).toBeGreaterThan(0.9)
})

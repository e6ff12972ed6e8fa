import { accumulate, accumulatedMoments, createAccumulator } from '@fairtrial/statistics'
import { expect, it } from 'vitest'
import { evaluate } from '../src/evaluate.ts'
import { summaryOf, trial } from './trial.ts'

/** mulberry32: 32 bits of state, seeded. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const TRIALS = 250
const LOOKS = 200
const UNITS_PER_LOOK = 20
const CONTROL_RATE = 0.2

/** The share of trials that a guardrail with a margin of 0.05 aborts at some of 200 looks. */
function abortedShare(treatmentRate: number, seed: number): number {
  const experiment = trial()
  const random = createRandom(seed)
  let aborted = 0
  for (let i = 0; i < TRIALS; i++) {
    const control = createAccumulator()
    const model = createAccumulator()
    for (let look = 0; look < LOOKS; look++) {
      for (let unit = 0; unit < UNITS_PER_LOOK; unit++) {
        accumulate(control, random() < CONTROL_RATE ? 1 : 0)
        accumulate(model, random() < treatmentRate ? 1 : 0)
      }
      const errors = { control: accumulatedMoments(control), model: accumulatedMoments(model) }
      const { metrics } = evaluate(experiment, summaryOf(experiment, { errors }))
      if (metrics['errors']!.comparisons['model']!.verdict !== 'breach') continue
      aborted += 1
      break
    }
  }
  return aborted / TRIALS
}

it('a treatment exactly at the margin is aborted at some of 200 looks in at most falseAbortAlpha of trials', () => {
  const { falseAbortAlpha } = trial().analysis
  // 3.29 standard errors of a simulated share.
  const band = 3.29 * Math.sqrt((falseAbortAlpha * (1 - falseAbortAlpha)) / TRIALS)
  expect(abortedShare(CONTROL_RATE + 0.05, 1)).toBeLessThanOrEqual(falseAbortAlpha + band)
})

it('one that harms three times the margin is nearly always aborted', () => {
  expect(abortedShare(CONTROL_RATE + 0.15, 2)).toBeGreaterThan(0.95)
})

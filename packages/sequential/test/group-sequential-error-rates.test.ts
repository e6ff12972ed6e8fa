import { describe, expect, it } from 'vitest'
import {
  driftForPower,
  exitProbabilities,
  futilityBoundaries,
  groupSequentialBoundaries,
  type StoppingBounds,
  stagewiseInference,
} from '../src/index.ts'

const TRIALS = 20_000
/** 3.29 standard errors of a simulated share: one run in a thousand strays further. */
const band = (share: number, trials = TRIALS) => 3.29 * Math.sqrt((share * (1 - share)) / trials)

/** Standard normal values by Box and Muller from mulberry32: seeded, the same on every machine. */
function createNormals(seed: number): () => number {
  let state = seed
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}

/** One trial as it runs: the score grows from look to look until a bound is crossed or no look is left. */
function run(
  { informationFractions: fractions, upper, lower }: StoppingBounds,
  drift: number,
  normal: () => number,
) {
  let score = 0
  let before = 0
  for (const [i, fraction] of fractions.entries()) {
    score += drift * (fraction - before) + Math.sqrt(fraction - before) * normal()
    before = fraction
    const z = score / Math.sqrt(fraction)
    const isUp = z >= (upper[i] ?? Number.POSITIVE_INFINITY)
    const isDown = z <= (lower?.[i] ?? Number.NEGATIVE_INFINITY)
    if (isUp || isDown || i === fractions.length - 1) return { look: i + 1, z, fraction, isUp, isDown }
  }
  throw new Error('a design has a look')
}

function simulate(bounds: StoppingBounds, drift: number, seed: number) {
  const normal = createNormals(seed)
  let up = 0
  let down = 0
  let information = 0
  for (let i = 0; i < TRIALS; i++) {
    const { isUp, isDown, fraction } = run(bounds, drift, normal)
    if (isUp) up++
    if (isDown) down++
    information += fraction
  }
  return { up: up / TRIALS, down: down / TRIALS, information: information / TRIALS }
}

const fourteen = groupSequentialBoundaries({
  informationFractions: Array.from({ length: 14 }, (_, i) => (i + 1) / 14),
  rule: { type: 'hwang-shih-decani', gamma: -4 },
  sides: 2,
  alpha: 0.05,
})
const futile = futilityBoundaries({
  informationFractions: [0.17, 0.39, 0.44, 0.8, 1],
  alphaSpending: { type: 'lan-demets-pocock' },
  betaSpending: { type: 'hwang-shih-decani', gamma: -2 },
  alpha: 0.05,
  beta: 0.2,
  isBinding: true,
})

describe.each([
  ['14 daily looks, two-sided', fourteen, driftForPower(fourteen, 0.8)],
  ['5 uneven looks with binding futility', futile, futile.drift],
])(`${TRIALS} simulated trials of %s`, (_, bounds, drift) => {
  it('without an effect stop for one as often as alpha says', () => {
    const { up, down } = simulate(bounds, 0, 1)
    const called = bounds === fourteen ? up + down : up
    expect(Math.abs(called - 0.05)).toBeLessThan(band(0.05))
  })

  it('with the effect find it with the planned power, and as soon as told', () => {
    const { up, information } = simulate(bounds, drift, 2)
    expect(Math.abs(up - 0.8)).toBeLessThan(band(0.8))
    const { expectedInformation } = exitProbabilities(bounds, drift)
    expect(Math.abs(information - expectedInformation)).toBeLessThan((3.29 * 0.3) / Math.sqrt(TRIALS))
  })
})

describe('what is said after a stop', () => {
  const trials = 600
  const bounds = groupSequentialBoundaries({
    informationFractions: [0.3, 0.6, 1],
    rule: { type: 'lan-demets-pocock' },
    sides: 2,
    alpha: 0.05,
  })

  it.each([0, 2.9, 4.5])('is right as often as it says, at drift %d', (drift) => {
    const normal = createNormals(3)
    let covered = 0
    let above = 0
    let naive = 0
    for (let i = 0; i < trials; i++) {
      const { look, z, fraction } = run(bounds, drift, normal)
      const standardError = 1 / Math.sqrt(fraction)
      const estimate = z * standardError
      const { interval, medianUnbiased } = stagewiseInference(bounds, { look, estimate, standardError })
      if (interval.lower <= drift && drift <= interval.upper) covered++
      if (medianUnbiased > drift) above++
      naive += (estimate - drift) / trials
    }
    expect(Math.abs(covered / trials - 0.95)).toBeLessThan(band(0.95, trials))
    expect(Math.abs(above / trials - 0.5)).toBeLessThan(band(0.5, trials))
    // What the inference is for: the estimate at the stop itself exaggerates.
    if (drift > 0) expect(naive).toBeGreaterThan(0.1)
  })
})

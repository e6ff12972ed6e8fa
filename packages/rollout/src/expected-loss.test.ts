import type { Evaluation, Experiment } from '@fairtrial/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeEvaluation, makeExperiment } from '../test/fixture.ts'
import { type ExpectedLoss, expectedLoss } from './expected-loss.ts'

const costs = { currency: 'EUR', badLaunch: 100_000, missedGainPerDay: 2_000, abort: 500 }
const plain = makeExperiment()
const priced = makeExperiment({
  costs,
  analysis: { ...plain.analysis, expectedUnitsPerDay: 50_000 },
})

/** An effect on the primary, whose control mean is 0.5: the minimum lift of 2 % is 0.01. */
function seen(effect: number, standardError: number, of: Experiment = priced): Evaluation {
  const evaluation = makeEvaluation(of, 1_000, 10_000)
  const watched = evaluation.metrics['watched']!
  const model = { ...watched.comparisons['model']!, effect: { absolute: effect, relative: 0 }, standardError }
  const control = {
    n: 10_000,
    mean: 0.5,
    variance: 1,
    current: { n: 10_000, mean: 0.5 },
    missing: 0,
  }
  const told = { ...watched, variants: { control }, comparisons: { model } }
  return { ...evaluation, metrics: { ...evaluation.metrics, watched: told } }
}

const lossOf = (...given: Parameters<typeof expectedLoss>): ExpectedLoss => {
  const loss = expectedLoss(...given)
  if ('notEstimable' in loss) throw new Error(loss.notEstimable.detail)
  return loss
}

/** ∫ f(x) of the normal density over ± 12 standard deviations on each side of 0, by Simpson's rule. */
function expected(f: (x: number) => number, mean: number, sd: number): number {
  const density = (x: number) => Math.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI))
  const [from, to] = [mean - 12 * sd, mean + 12 * sd]
  const cut = Math.min(Math.max(0, from), to)
  return simpson((x) => f(x) * density(x), from, cut) + simpson((x) => f(x) * density(x), cut, to)
}

function simpson(f: (x: number) => number, from: number, to: number): number {
  const steps = 2_000
  const h = (to - from) / steps
  if (h === 0) return 0
  let sum = f(from) + f(to)
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * f(from + i * h)
  return (sum * h) / 3
}

describe('the expected loss', () => {
  it('is what numeric integration over the posterior says, to 1e-9 of the posterior', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -0.05, max: 0.05, noNaN: true }),
        fc.double({ min: 0.001, max: 0.05, noNaN: true }),
        fc.constantFrom(null, 0.25, 1, 4),
        (effect, standardError, priorWidth) => {
          const { posterior, perUnit } = lossOf(priced, seen(effect, standardError), { priorWidth })
          const { mean, standardDeviation: sd } = posterior
          if (priorWidth !== null) {
            // The posterior itself: likelihood times prior, around where it says that it is.
            const log = (x: number) =>
              -0.5 * ((x - effect) / standardError) ** 2 - 0.5 * (x / (priorWidth * 0.01)) ** 2
            const moment = (power: number) =>
              simpson((x) => x ** power * Math.exp(log(x) - log(mean)), mean - 12 * sd, mean + 12 * sd)
            expect(Math.abs(moment(1) / moment(0) - mean)).toBeLessThan(1e-9 * sd)
            expect(Math.abs(Math.sqrt(moment(2) / moment(0) - mean ** 2) - sd)).toBeLessThan(1e-9)
          }
          const treat = expected((x) => Math.max(0, -x), mean, sd)
          const withhold = expected((x) => Math.max(0, x), mean, sd)
          expect(Math.abs(perUnit.treat - treat)).toBeLessThan(1e-9 * sd)
          expect(Math.abs(perUnit.withhold - withhold)).toBeLessThan(1e-9 * sd)
        },
      ),
      { seed: 5, numRuns: 200 },
    )
  })

  it('prices shipping, one more day and an abort by the plan', () => {
    const loss = lossOf(priced, seen(0, 0.01), { treatedShare: 0.25 })
    // At no effect and a standard error of one minimum lift, a half normal is lost on either side: φ(0) = 0.3989.
    const half = 0.01 * 0.3989422804014327
    expect(loss).toMatchObject({
      schema: 'fairtrial.expected-loss/1',
      metric: 'watched',
      variant: 'model',
      currency: 'EUR',
      minimumLift: 0.01,
      days: 14,
      chanceOfHarm: 0.5,
    })
    expect(loss.perUnit.treat).toBeCloseTo(half, 12)
    expect(loss.perDay?.withhold).toBeCloseTo(50_000 * half, 8)
    expect(loss.cost.ship).toBeCloseTo(50_000, 9)
    expect(loss.cost.hold).toBeCloseTo((2_000 * half) / 0.01, 9)
    expect(loss.cost.abort).toBeCloseTo(500 + (14 * 2_000 * half) / 0.01, 8)
    expect(loss.cheaper).toBe('abort')
    expect(lossOf(priced, seen(0.02, 0.01)).cheaper).toBe('ship')
  })

  it('has a curve over priors, from one that believes in no effect to one that lets the data alone speak', () => {
    const { sensitivity, ...flat } = lossOf(priced, seen(0.02, 0.01))
    expect(sensitivity.map(({ priorWidth }) => priorWidth)).toEqual([0.25, 0.5, 1, 2, 4, 8, null])
    const means = sensitivity.map(({ posterior }) => posterior.mean)
    expect(means).toEqual(means.toSorted((a, b) => a - b))
    expect(sensitivity.at(-1)?.cost).toEqual(flat.cost)
    expect(sensitivity[0]?.chanceOfHarm).toBeGreaterThan(flat.chanceOfHarm)
  })

  it('turns with the direction, and takes the best treatment unless one is named', () => {
    const down = makeExperiment({
      ...priced,
      metrics: { ...priced.metrics, watched: { ...priced.metrics['watched']!, direction: 'decrease' } },
    })
    expect(lossOf(down, seen(-0.02, 0.01, down)).posterior.mean).toBe(0.02)
    const evaluation = seen(0.02, 0.01)
    const watched = evaluation.metrics['watched']!
    const larger = { ...watched.comparisons['model']!, effect: { absolute: 0.03, relative: 0 } }
    const told = { ...watched, comparisons: { ...watched.comparisons, larger } }
    const two = { ...evaluation, metrics: { ...evaluation.metrics, watched: told } }
    expect(lossOf(priced, two).variant).toBe('larger')
    expect(lossOf(priced, two, { variant: 'model' }).posterior.mean).toBe(0.02)
  })

  it('says what it cannot know: prices that the plan lacks, an effect that there is not', () => {
    const loss = lossOf(plain, seen(0.02, 0.01, plain))
    expect(loss).toMatchObject({
      currency: null,
      perDay: null,
      cheaper: null,
      cost: { ship: null, hold: null, abort: null },
    })
    expect(expectedLoss(priced, seen(0.02, 0))).toMatchObject({ notEstimable: { code: 'zero-variance' } })
    expect(expectedLoss(priced, makeEvaluation(priced, 1, 10))).toMatchObject({
      notEstimable: { code: 'no-data' },
    })
    expect(expectedLoss(priced, seen(0.02, 0.01), { variant: 'gone' })).toMatchObject({
      notEstimable: { code: 'no-data', detail: 'there is no comparison of watched in gone' },
    })
  })
})

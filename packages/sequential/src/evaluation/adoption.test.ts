import type { Moments } from '@fairtrial/protocol'
import { emptyMoments } from '@fairtrial/statistics'
import { expect, it } from 'vitest'
import { ones, summaryOf, trial } from '../../test/trial.ts'
import { evaluate } from '../evaluate.ts'

function adopted(type: 'proportion' | 'count', control: Moments, model: Moments) {
  const experiment = trial({
    metrics: {
      started: { type: 'proportion', role: 'primary', direction: 'increase', window: '10s' },
      voted: { type, role: 'secondary', direction: 'increase', window: '10s', adoption: true },
    },
    guardrails: [],
  } as object)
  return evaluate(experiment, summaryOf(experiment, { voted: { control, model } })).metrics['voted']!
}

it('tells what exists in one arm only by that arm, and compares nothing', () => {
  const { variants, comparisons, ...rest } = adopted('proportion', ones(0, 500), ones(37, 500))
  expect(comparisons).toEqual({})
  expect(rest).toEqual({ role: 'secondary', direction: 'increase' })
  // The beta-binomial mixture inverted by scipy's betaln and brentq, tuned at 500 units.
  const { level, bounds } = variants['model']!.interval!
  expect(level).toBe(0.96)
  expect((bounds as [number, number])[0]).toBeCloseTo(0.04239137067342333, 9)
  expect((bounds as [number, number])[1]).toBeCloseTo(0.11542852598882915, 9)
  expect(variants['control']!.interval!.bounds).toEqual([0, expect.closeTo(0.008701707823526535, 9)])
})

it('has the asymptotic sequence of a mean, and says why where there is none', () => {
  const { variants } = adopted('count', ones(0, 500), { n: 500, mean: 3.2, m2: 6.25 * 499 })
  // The normal mixture's closed form in Python.
  const [lower, upper] = variants['model']!.interval!.bounds as [number, number]
  expect(lower).toBeCloseTo(2.851584840623637, 10)
  expect(upper).toBeCloseTo(3.5484151593763635, 10)
  expect(variants['control']!.interval!.bounds).toMatchObject({ notEstimable: { code: 'zero-variance' } })
  const nobody = adopted('proportion', emptyMoments, ones(1, 2))
  expect(adopted('count', emptyMoments, ones(1, 2)).variants['control']!.interval!.bounds).toMatchObject({
    notEstimable: { code: 'no-data' },
  })
  expect(nobody.variants['control']!.interval!.bounds).toMatchObject({ notEstimable: { code: 'no-data' } })
})

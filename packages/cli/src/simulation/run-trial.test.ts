import { defineExperiment, type Experiment } from '@fairtrial/protocol'
import { createRandom } from '@fairtrial/sequential'
import { expect, it } from 'vitest'
import { runTrial } from './run-trial.ts'
import { simulatedPlan } from './simulated-plan.ts'

const HOUR = 3_600_000
const stage = { trafficPercent: 100, holdFor: '6h', minimumUnits: 100 } as const

const planOf = (ramp: Partial<Experiment['ramp']>): Experiment =>
  defineExperiment({
    key: 'home-ranking',
    hypothesis: {
      change: 'ranking the home row by the session model',
      population: 'signed-in viewers',
      metric: 'started',
      direction: 'increase',
      minimumLift: { absolute: 0.1 },
      horizon: '5d',
    },
    unitType: 'viewer',
    variants: [
      { name: 'control', weight: 1 },
      { name: 'model', weight: 1 },
    ],
    control: 'control',
    metrics: {
      started: {
        type: 'proportion',
        role: 'primary',
        direction: 'increase',
        window: '1h',
        baseline: { mean: 0.5, variance: 0.25 },
      },
    },
    analysis: { method: 'asymptotic-cs', tuneAt: 2_000 },
    ramp: { stages: [stage], ...ramp },
  })

const run = (experiment: Experiment) =>
  runTrial(
    simulatedPlan(
      experiment,
      { name: 'lift', truth: 'It lifts.', effects: { started: 0.1 } },
      { unitsPerDay: 4_000, lookEveryMs: 6 * HOUR, shape: 'normal' },
    ),
    createRandom(7),
  )

it('goes on through a bake, past the horizon too, and enrolls the holdback in it', () => {
  const plain = run(planOf({}))
  const baked = run(planOf({ bake: { for: '5d', holdbackPercent: 10 } }))
  expect([plain.status, baked.status, baked.rule]).toEqual(['shipped', 'shipped', 'baked'])
  expect(baked.days - plain.days).toBeCloseTo(5, 9)
  // Five days of a tenth of the traffic.
  expect(Math.abs(baked.units - plain.units - 2_000)).toBeLessThan(10)
})

it('takes people to approve at once', () => {
  expect(run(planOf({ stages: [{ ...stage, approvals: 2 }] }))).toEqual(run(planOf({})))
})

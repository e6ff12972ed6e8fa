import { defineExperiment, type ExperimentDefinition } from '@fairtrial/protocol'
import { createRandom } from '@fairtrial/sequential'
import { describe, expect, it } from 'vitest'
import { trial } from '../../test/trial.ts'
import { simulationText } from '../text/simulation-text.ts'
import { withBaselines } from './population.ts'
import { runAATest } from './run-aa-test.ts'
import type { TrialEnd } from './run-trial.ts'
import { scenariosOf } from './scenario.ts'
import { simulatedPlan } from './simulated-plan.ts'
import { tallyTrials } from './tally-trials.ts'

const TRIALS = 1_000
const traffic = { unitsPerDay: 100, lookEveryMs: 86_400_000, shape: 'normal' } as const

/** Four of five start; of a hundred viewers one watches for days. */
const population = {
  units: 1_000,
  values: {
    'start.rate': Array.from({ length: 1_000 }, (_, i) => (i % 5 === 0 ? 0 : 1)),
    watched: Array.from({ length: 1_000 }, (_, i) => (i % 100 === 7 ? 5_000 : i % 3)),
  },
}

const end: TrialEnd = {
  status: 'stopped',
  rule: 'plan-end',
  primary: 'unknown',
  days: 1,
  units: 1,
  treated: 1,
  looks: 1,
}

/** 1,000 units, in arms of 9 : 1, as the plan is tuned for. */
function worldsOf() {
  const [control, model] = trial.variants
  const experiment = withBaselines(
    defineExperiment({
      ...trial,
      variants: [{ ...control, weight: 9 }, model],
      analysis: { method: 'asymptotic-cs', tuneAt: 1_000 },
    } as ExperimentDefinition),
    population,
  )
  return scenariosOf(experiment, []).map((scenario) => ({
    scenario,
    plan: simulatedPlan(experiment, scenario, traffic, population),
  }))
}

describe('an A/A test', () => {
  it('of real units errs as often as it says, but where a tail is too heavy for so few', () => {
    const [{ plan, scenario } = expect.fail()] = worldsOf()
    const ends = Array.from({ length: TRIALS }, (_, i) => ({
      ...end,
      falsePositives: runAATest(plan, createRandom(4, i)),
    }))
    const none = tallyTrials(scenario, plan, ends)
    const { falsePositives } = none
    expect(Object.keys(falsePositives!)).toEqual(['watched', 'start.rate'])
    expect(falsePositives!['start.rate']).toMatchObject({ isOff: false })
    expect(falsePositives!['watched']).toMatchObject({ isOff: true })
    // 100 units of treatment have none of them in e^-1 of trials, and hardly a spread then.
    expect(falsePositives!['watched']!.value).toBeGreaterThan(0.3)
    const { experiment } = plan
    const text = simulationText(experiment, {
      schema: 'fairtrial.simulation/1',
      experiment: experiment.key,
      fingerprint: experiment.fingerprint,
      method: 'asymptotic-cs',
      seed: 4,
      traffic,
      population: 1_000,
      scenarios: [none],
    }).replaceAll(/\s+/g, ' ')
    expect(text).toMatch(
      /A\/A test, one look at 1,000 units without an effect: p is below 0\.05 for watched 3\d\.\d ± 1\.5 %, start\.rate \d\.\d ± 0\.\d %\. Not so by chance \(99\.9 %\): watched\. The test/,
    )
  })

  it('is for a world without an effect', () => {
    const [none, lift] = worldsOf()
    expect(none!.plan.isWithoutEffect).toBe(true)
    expect(lift!.plan.isWithoutEffect).toBe(false)
    expect(tallyTrials(lift!.scenario, lift!.plan, [end])).not.toHaveProperty('falsePositives')
  })

  // Exact binomial tails: P(X ≤ 28) = 3.9e-4, P(X ≤ 29) = 7.2e-4; P(X ≥ 75) = 4.1e-4, P(X ≥ 74) = 6.5e-4.
  it.each([
    [28, true],
    [29, false],
    [50, false],
    [74, false],
    [75, true],
  ])('at 5 %% that finds %i of 1,000 is off: %s', (found, isOff) => {
    const [{ plan, scenario } = expect.fail()] = worldsOf()
    const ends = Array.from({ length: TRIALS }, (_, i) => ({
      ...end,
      falsePositives: i < found ? ['watched'] : [],
    }))
    const { falsePositives } = tallyTrials(scenario, plan, ends)
    expect(falsePositives!['watched']).toEqual({
      value: found / 1_000,
      standardError: expect.closeTo(Math.sqrt(((found / 1_000) * (1 - found / 1_000)) / 1_000), 3),
      isOff,
    })
    expect(falsePositives!['start.rate']).toMatchObject({ value: 0, isOff: true })
  })
})

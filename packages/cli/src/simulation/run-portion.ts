import { createRandom } from '@fairtrial/sequential'
import { runAATest } from './run-aa-test.ts'
import { runTrial, type TrialEnd } from './run-trial.ts'
import type { SimulatedPlan } from './simulated-plan.ts'

/** Some of the trials of one world: those from `from` up to and without `to`. */
export interface Portion {
  readonly plan: SimulatedPlan
  readonly seed: number
  readonly from: number
  readonly to: number
}

/** Each trial has a stream of its own, so that it is the same whoever runs it, in however many portions. */
export function runPortion({ plan, seed, from, to }: Portion): readonly TrialEnd[] {
  return Array.from({ length: to - from }, (_, index) => {
    const random = createRandom(seed, from + index)
    const end = runTrial(plan, random)
    return plan.isWithoutEffect ? { ...end, falsePositives: runAATest(plan, random) } : end
  })
}

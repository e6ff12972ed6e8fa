import { createRandom } from '@fairtrial/sequential'
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
  return Array.from({ length: to - from }, (_, index) => runTrial(plan, createRandom(seed, from + index)))
}

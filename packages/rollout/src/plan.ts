import type { Experiment, Stage } from '@fairtrial/protocol'
import { durationMs } from '@fairtrial/protocol'

/** The arms that are on trial: every one but control, in the definition's order. */
export function treatmentsOf(experiment: Experiment): readonly string[] {
  return experiment.variants.map((variant) => variant.name).filter((name) => name !== experiment.control)
}

/** The stage that a state stands on. A state never leaves the ramp; were it to, the last stage is the strictest. */
export function stageOf(experiment: Experiment, index: number): Stage {
  const { stages } = experiment.ramp
  const stage = stages[index] ?? stages.at(-1)
  if (stage === undefined) throw new RangeError('An experiment has at least one stage.')
  return stage
}

/** What the guardrails together allow: of each length of time, the shortest, in milliseconds. One in shadow has no say. */
export interface Patience {
  /** How old evidence may be. */
  readonly maximumDataAge: number
  /** How long doubt may hold the rollout. */
  readonly maximumHold: number
  /** How much longer, once, while evidence arrives; 0 where any of them allows no more. */
  readonly extension: number
}

/** Without any guardrail, the defaults of the evidence contract apply. */
export function patienceOf(experiment: Experiment): Patience {
  const contracts = experiment.guardrails.filter(({ shadow }) => !shadow).map(({ evidence }) => evidence)
  const shortest = (lengths: readonly number[], otherwise: number): number =>
    lengths.length === 0 ? otherwise : Math.min(...lengths)
  const holds = contracts.map(({ maximumHold }) => durationMs(maximumHold))
  const maximumHold = shortest(holds, durationMs('24h'))
  const extended = contracts.map(
    ({ maximumHold: hold, extension }) =>
      durationMs(hold) + (extension === undefined ? 0 : durationMs(extension)),
  )
  return {
    maximumDataAge: shortest(
      contracts.map((contract) => durationMs(contract.maximumDataAge)),
      durationMs('10m'),
    ),
    maximumHold,
    extension: shortest(extended, maximumHold) - maximumHold,
  }
}

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

/** What the guardrails together allow: of each length of time, the shortest. */
export interface Patience {
  /** How old evidence may be, in milliseconds. */
  readonly maximumDataAge: number
  /** How long doubt may hold the rollout, in milliseconds. */
  readonly maximumHold: number
}

/** Without any guardrail, the defaults of the evidence contract apply. */
export function patienceOf(experiment: Experiment): Patience {
  const contracts = experiment.guardrails.map((guardrail) => guardrail.evidence)
  const shortest = (lengths: readonly number[], otherwise: number): number =>
    lengths.length === 0 ? otherwise : Math.min(...lengths)
  return {
    maximumDataAge: shortest(
      contracts.map((contract) => durationMs(contract.maximumDataAge)),
      durationMs('10m'),
    ),
    maximumHold: shortest(
      contracts.map((contract) => durationMs(contract.maximumHold)),
      durationMs('24h'),
    ),
  }
}

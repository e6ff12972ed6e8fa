import { durationMs } from '@fairtrial/protocol'
import type { Experiment, FindingSeverity } from '@fairtrial/protocol'

/** What the guardrails together tolerate: of each allowance, the smallest. */
export interface Tolerance {
  /** How old the newest event may be, in milliseconds. */
  readonly maximumDataAge: number
  /** Share of events or units, 0 to 1, that may be lost or wrong. */
  readonly maximumLoss: number
}

/** Without any guardrail, the defaults of the evidence contract apply. */
export function toleranceOf({ guardrails }: Experiment): Tolerance {
  const smallest = (values: readonly number[], otherwise: number): number =>
    values.length === 0 ? otherwise : Math.min(...values)
  return {
    maximumDataAge: smallest(
      guardrails.map(({ evidence }) => durationMs(evidence.maximumDataAge)),
      durationMs('10m'),
    ),
    maximumLoss: smallest(
      guardrails.map(({ evidence }) => evidence.maximumLoss),
      0.01,
    ),
  }
}

/** Some of it is to be kept in mind, more than is tolerated breaks the evidence. */
export function severityOf(share: number, { maximumLoss }: Tolerance): FindingSeverity {
  return share > maximumLoss ? 'broken' : 'caution'
}

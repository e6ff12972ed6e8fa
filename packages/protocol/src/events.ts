import type { AssignmentReason } from './assignment.ts'
import type { JsonObject } from './json.ts'

/** Who wrote an event, and its place in what that producer wrote. */
export interface Produced {
  /** Names one recorder in one process run. */
  readonly producerId: string
  /** 1, 2, 3 … over all events of the producer; a gap is a loss. */
  readonly sequence: number
  /** Name and version of the library that wrote it. */
  readonly sdk: string
}

/** That a unit was assigned: what `fairtrial assign` prints, a line each. */
export interface AssignmentEvent {
  readonly schema: 'fairtrial.assignment/1'
  readonly experiment: string
  readonly unitType: string
  readonly unitId: string | null
  readonly variant: string | null
  readonly bucket: number | null
  readonly seed: number
  readonly propensity: number | null
  readonly reason: AssignmentReason
  readonly fingerprint: string
  readonly phase: number
  readonly revision: number
}

/** That a unit really met its arm. */
export interface ExposureEvent extends Produced {
  readonly schema: 'fairtrial.exposure/1'
  /** The same for the same unit, experiment, phase and variant, whoever writes it and whenever. */
  readonly exposureId: string
  readonly experiment: string
  readonly fingerprint: string
  readonly phase: number
  readonly revision: number
  readonly unitType: string
  readonly unitId: string
  readonly variant: string
  readonly bucket: number
  readonly seed: number
  readonly propensity: number
  readonly reason: 'assigned'
  readonly treatmentVersion?: string
  /** Epoch milliseconds, by the producer's clock. */
  readonly exposedAt: number
  /** Epoch milliseconds, by the clock of whoever received it. */
  readonly receivedAt?: number
  readonly slate?: Slate
}

/** What was shown in an exposure, with the propensities that off-policy evaluation needs. */
export interface Slate {
  readonly slateId: string
  readonly items: readonly SlateItem[]
}

export interface SlateItem {
  readonly itemId: string
  readonly position: number
  readonly score?: number
  /** Probability with which the policy chose the item for this position; above 0, at most 1. */
  readonly propensity?: number
}

/** Something that happened to a unit, whatever arm it is in. */
export interface OutcomeEvent extends Produced {
  readonly schema: 'fairtrial.outcome/1'
  /** Names this one happening; a second event with the same id counts once. */
  readonly outcomeId: string
  readonly name: string
  readonly unitType: string
  readonly unitId: string
  /** 1 where only the happening counts. */
  readonly value: number
  /** Epoch milliseconds, by the producer's clock. */
  readonly occurredAt: number
  readonly receivedAt?: number
  readonly properties?: JsonObject
}

/** What stands in a log, a line each. */
export type LogEvent = ExposureEvent | OutcomeEvent

/**
 * What an instance has served since it started, exposed or not, deduplicated or not: the count that
 * proves a rollback. Cumulative, so that a lost report costs nothing.
 */
export interface ServedReport {
  readonly schema: 'fairtrial.served/1'
  readonly instanceId: string
  /** Grows with each report of the instance. */
  readonly sequence: number
  readonly reportedAt: number
  readonly experiments: readonly ServedExperiment[]
}

export interface ServedExperiment {
  readonly experiment: string
  /** The newest revision that the instance serves from. */
  readonly revision: number
  readonly served: readonly ServedCount[]
}

export interface ServedCount {
  readonly revision: number
  /** Null: control served to a unit that is not enrolled. */
  readonly variant: string | null
  readonly count: number
  /** Epoch milliseconds of the last time. */
  readonly lastServedAt: number
}

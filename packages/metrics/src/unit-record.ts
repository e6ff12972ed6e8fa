import { NO_OUTCOME, type OutcomeChain } from './outcome-store.ts'

/** What a log says of one unit, in as few words as it takes. */
export interface UnitRecord extends OutcomeChain {
  /** The arm of the first exposure, as an index into the variants; `UNEXPOSED` before there is one. */
  arm: number
  /** Epoch milliseconds of the first exposure. */
  exposedAt: number
  /** Of the first exposure, in the variant purpose. */
  bucket: number
  /** Every arm met; null while that is one at most, which nearly every unit keeps to. */
  arms: number[] | null
  /** Index of the page that it is summed up on; `UNEXPOSED` before there is one. */
  page: number
}

/** The arm, and the page, of a unit that has only outcomes. */
export const UNEXPOSED = -1

/** A unit of which nothing is known yet. */
export function createUnitRecord(): UnitRecord {
  return {
    arm: UNEXPOSED,
    exposedAt: Number.POSITIVE_INFINITY,
    bucket: 0,
    arms: null,
    page: UNEXPOSED,
    lastOutcome: NO_OUTCOME,
    outcomeCount: 0,
    outcomeIds: null,
  }
}

/**
 * Takes an exposure in, whatever came before: the earliest by time is the first; at equal times, the one in the arm
 * that the definition names first.
 *
 * @returns whether it is the only one so far in its arm
 */
export function addExposure(unit: UnitRecord, arm: number, exposedAt: number, bucket: number): boolean {
  const isNew = unit.arms === null ? unit.arm !== arm : !unit.arms.includes(arm)
  if (isNew && unit.arm !== UNEXPOSED) unit.arms = [...(unit.arms ?? [unit.arm]), arm]
  if (exposedAt < unit.exposedAt || (exposedAt === unit.exposedAt && arm < unit.arm)) {
    unit.arm = arm
    unit.exposedAt = exposedAt
    unit.bucket = bucket
  }
  return isNew
}

import { excludedBy } from './exclusions.ts'
import type { ExposureEvent } from './events.ts'
import type { Experiment } from './experiment.ts'

/**
 * Why an exposure of the definition enters no analysis. `overridden`: its arm was forced. `mistimed`: its time cannot
 * be. `excluded`: a rule of the plan sets it aside. `untriggered`: the plan analyses another trigger than it tells.
 */
export type SetAside = 'overridden' | 'mistimed' | 'excluded' | 'untriggered'

/**
 * Whether an exposure counts, by what stands in it alone: in whatever order a log is read, the same exposures do. A
 * unit enters the trial by its first exposure that does.
 */
export function setAsideAs(
  { exclusions, trigger }: Pick<Experiment, 'exclusions' | 'trigger'>,
  exposure: ExposureEvent,
): SetAside | null {
  if (exposure.reason === 'overridden') return 'overridden'
  if (isMistimed(exposure.exposedAt, exposure.receivedAt)) return 'mistimed'
  if (exclusions !== undefined && excludedBy(exclusions, exposure) !== null) return 'excluded'
  return trigger === undefined || exposure.trigger === trigger ? null : 'untriggered'
}

/** Clocks that are kept in step differ by seconds; what is dated further ahead of its receipt is not believed. */
const MAXIMUM_AHEAD_MS = 5 * 60_000
/** Events come late by days, of a spool that was forgotten by weeks; by more than a year only from a clock that was never set. */
const MAXIMUM_BEHIND_MS = 366 * 86_400_000
/** 2286-11-20, where epoch milliseconds get a fourteenth digit: beyond are other units of time. */
const LATEST = 1e13

/**
 * Whether an event's time cannot be: no number, after 2286, more than 5 minutes after its receipt or more than a year
 * before it. Without a time of receipt there is no second clock to ask.
 *
 * @param at epoch milliseconds, by the producer's clock
 * @param receivedAt by the clock of whoever received it
 */
export function isMistimed(at: number, receivedAt: number | undefined): boolean {
  if (!(Math.abs(at) < LATEST)) return true
  if (receivedAt === undefined) return false
  return at > receivedAt + MAXIMUM_AHEAD_MS || at < receivedAt - MAXIMUM_BEHIND_MS
}

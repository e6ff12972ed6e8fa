import type { Experiment } from '@fairtrial/protocol'
import { sayDuration } from '../words.ts'
import type { Obstacle } from './seen.ts'

/** Machines' clocks differ by so much at most. */
const AHEAD_MS = 5 * 60_000

/** @param what begins the sentence: `The contract test` */
export function fingerprintObstacles(
  what: string,
  { key, fingerprint }: Pick<Experiment, 'key' | 'fingerprint'>,
  of: { readonly experiment: string; readonly fingerprint: string },
  remedy: string,
): Obstacle[] {
  if (of.experiment === key && of.fingerprint === fingerprint) return []
  const detail = `${what} is of ${of.experiment} ${of.fingerprint.slice(0, 12)}, and the definition is ${key} ${fingerprint.slice(0, 12)}.`
  return [{ detail, remedy }]
}

export function ageObstacles(
  what: string,
  at: number,
  { now, maximumAge, remedy }: { readonly now: number; readonly maximumAge: number; readonly remedy: string },
): Obstacle[] {
  const age = now - at
  if (age < -AHEAD_MS) {
    const detail = `${what} is dated ${sayDuration(-age)} ahead.`
    return [{ detail, remedy: 'Set the clocks of both machines.' }]
  }
  if (age <= maximumAge) return []
  return [
    { detail: `${what} is ${sayDuration(age)} old; at most ${sayDuration(maximumAge)} is allowed.`, remedy },
  ]
}

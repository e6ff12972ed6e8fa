import { DURATION_PATTERN } from './duration-pattern.ts'
import { ExperimentError } from './error.ts'

/** A length of time as people write it: `'500ms'`, `'30s'`, `'15m'`, `'36h'`, `'14d'`. A day is 86,400,000 ms. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const MILLISECONDS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * A duration in whole milliseconds.
 *
 * @throws ExperimentError `invalid-argument` when it is not a number of 0 or more with a unit
 */
export function durationMs(duration: Duration): number {
  const [, amount, unit] = DURATION_PATTERN.exec(duration) ?? []
  const milliseconds = Math.round(Number(amount) * (MILLISECONDS[unit ?? ''] ?? Number.NaN))
  if (Number.isSafeInteger(milliseconds)) return milliseconds
  throw new ExperimentError(
    'invalid-argument',
    `${JSON.stringify(duration)} is not a duration.`,
    `Write a number of 0 or more and one of ms, s, m, h, d: '500ms', '15m', '14d'.`,
  )
}

import * as z from 'zod'
import { ExperimentError } from './error.ts'

/** A length of time as people write it: `'500ms'`, `'30s'`, `'15m'`, `'36h'`, `'14d'`. A day is 86,400,000 ms. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/
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
  const [, amount, unit] = PATTERN.exec(duration) ?? []
  const milliseconds = Math.round(Number(amount) * (MILLISECONDS[unit ?? ''] ?? Number.NaN))
  if (Number.isSafeInteger(milliseconds)) return milliseconds
  throw new ExperimentError(
    'invalid-argument',
    `${JSON.stringify(duration)} is not a duration.`,
    `Write a number of 0 or more and one of ms, s, m, h, d: '500ms', '15m', '14d'.`,
  )
}

const MEANING = `a number and one of ms, s, m, h, d: '500ms', '15m', '14d'`

/** Zero or more. */
export const lengthSchema = z.string().regex(PATTERN, {
  error: `Must be a length of time, ${MEANING}.`,
}) as unknown as z.ZodType<Duration>

/** More than zero. */
export const durationSchema = z
  .string()
  .regex(PATTERN, { error: `Must be a length of time, ${MEANING}.`, abort: true })
  .refine((text) => durationMs(text as Duration) > 0, {
    error: 'Must be longer than nothing.',
  }) as unknown as z.ZodType<Duration>

import * as z from 'zod'
import { type Duration, durationMs } from './duration.ts'
import { DURATION_PATTERN } from './duration-pattern.ts'

const MEANING = `a number and one of ms, s, m, h, d: '500ms', '15m', '14d'`

/** Zero or more. */
export const lengthSchema = z.string().regex(DURATION_PATTERN, {
  error: `Must be a length of time, ${MEANING}.`,
}) as unknown as z.ZodType<Duration>

/** More than zero. */
export const durationSchema = z
  .string()
  .regex(DURATION_PATTERN, { error: `Must be a length of time, ${MEANING}.`, abort: true })
  .refine((text) => durationMs(text as Duration) > 0, {
    error: 'Must be longer than nothing.',
  }) as unknown as z.ZodType<Duration>

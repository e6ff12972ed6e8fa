import * as z from 'zod'
import type { Duration } from './duration.ts'
import { durationSchema } from './duration-schema.ts'
import { type Direction, directionSchema, type EffectSize, effectSizeSchema } from './metric.ts'

/** One sentence that can be false, in its parts. */
export interface Hypothesis<M extends string = string> {
  /** What is changed: "ranking the home row by the session model". */
  readonly change: string
  /** For whom: "signed-in viewers on television". */
  readonly population: string
  /** The primary metric. */
  readonly metric: M
  readonly direction: Direction
  /** The smallest lift worth having. */
  readonly minimumLift: EffectSize
  /** By when, counted from the start of the trial; also the latest end of the rollout. */
  readonly horizon: Duration
}

const textSchema = z.string().regex(/\S/, { error: 'Must not be empty.' })

export const hypothesisSchema = z.strictObject({
  change: textSchema.describe('What is changed, e.g. "ranking the home row by the session model".'),
  population: textSchema.describe('For whom, e.g. "signed-in viewers on television".'),
  metric: z.string().describe('The name of the primary metric.'),
  direction: directionSchema.describe("Which way the metric is to move: 'increase' or 'decrease'."),
  minimumLift: effectSizeSchema.describe(
    'The smallest lift worth having: { absolute: 0.005 } or { relative: 0.02 }, above zero.',
  ),
  horizon: durationSchema.describe("By when, counted from the start of the trial, e.g. '28d'."),
})

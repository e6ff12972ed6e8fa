import * as z from 'zod'
import { type Duration, durationSchema } from './duration.ts'
import { percentSchema } from './percent.ts'

/** One step of a ramp: how many units are enrolled, and what must be seen before the next. */
export interface Stage {
  /** Share of eligible units enrolled, in percent, up to four decimals. The ratio between arms never changes with it. */
  readonly trafficPercent: number
  /** The shortest time to stay. */
  readonly holdFor: Duration
  /** Exposed units, in each arm and over the whole phase, before the stage may be left. */
  readonly minimumUnits: number
}

/** How a trial grows. */
export interface Ramp {
  /** Growing in `trafficPercent`. After the last one the plan decides: ship, or stop at the horizon. */
  readonly stages: readonly Stage[]
}

export const rampSchema = z.strictObject({
  stages: z
    .array(
      z.strictObject({
        trafficPercent: percentSchema
          .positive()
          .max(100)
          .describe('Share of eligible units enrolled, in percent: above 0, at most 100.'),
        holdFor: durationSchema.describe("The shortest time to stay, e.g. '2h'."),
        minimumUnits: z
          .int()
          .nonnegative()
          .describe('Exposed units, in each arm, before the stage may be left, e.g. 1000.'),
      }),
    )
    .min(1)
    .describe('The stages of the ramp, growing in trafficPercent.'),
})

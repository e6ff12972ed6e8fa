import * as z from 'zod'
import type { Duration } from './duration.ts'
import { durationSchema } from './duration-schema.ts'
import { percentSchema } from './percent.ts'

/** One step of a ramp: how many units are enrolled, and what must be seen before the next. */
export interface Stage {
  /** Share of eligible units enrolled, in percent, up to four decimals. The ratio between arms never changes with it. */
  readonly trafficPercent: number
  /** The shortest time to stay. */
  readonly holdFor: Duration
  /** Exposed units, in each arm and over the whole phase, before the stage may be left. */
  readonly minimumUnits: number
  /** People who must approve, each by an order of their own, before the stage is left: the last gate. Default 0. */
  readonly approvals?: number
}

/** Watching on after the last stage, before what shipped is left alone. */
export interface Bake {
  /** How long. */
  readonly for: Duration
  /** Share of eligible units that stays in the trial, all arms of it: the concurrent control of the watch. */
  readonly holdbackPercent: number
}

/** What must be there before the first unit of a phase is enrolled. */
export interface StartGate {
  /** Asks for a report of `fairtrial ready` about this definition that passes every check. Default false. */
  readonly readiness?: boolean
  /** How old such a report, and the oldest of what it stands on, may be when the phase starts. Default `7d`. */
  readonly maximumAge?: Duration
  /** People who must approve, each by an order of their own. Default 0. */
  readonly approvals?: number
}

/** How a trial grows. */
export interface Ramp {
  /** Until all of it is there, a phase is open and serves nobody. Default: a phase begins at once. */
  readonly start?: StartGate
  /** Growing in `trafficPercent`. After the last one the plan decides: ship, or stop at the horizon. */
  readonly stages: readonly Stage[]
  /** Without it, what ships is final at once. */
  readonly bake?: Bake
  /**
   * A hold is left only when its reason has been gone for so long, and an ended rollout is retried only so long after its
   * end. Default: at once.
   */
  readonly coolDown?: Duration
  /**
   * Units that may meet a treatment, over the phase, while some guardrail is not proven harmless; beyond it the rollout
   * is aborted. Default: no such bound.
   */
  readonly unprovenUnits?: number
}

export const rampSchema = z.strictObject({
  start: z
    .exactOptional(
      z.strictObject({
        readiness: z
          .exactOptional(z.boolean())
          .describe(
            'Whether a report of fairtrial ready is asked for that passes every check. Default false.',
          ),
        maximumAge: z
          .exactOptional(durationSchema)
          .describe("How old such a report, and what it stands on, may be at the start. Default '7d'."),
        approvals: z
          .exactOptional(z.int().nonnegative().max(10))
          .describe('People who must approve before the first unit is enrolled. Default 0.'),
      }),
    )
    .describe('What must be there before the first unit is enrolled. Default: nothing.'),
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
        approvals: z
          .exactOptional(z.int().nonnegative().max(10))
          .describe('People who must approve before the stage is left. Default 0.'),
      }),
    )
    .min(1)
    .describe('The stages of the ramp, growing in trafficPercent.'),
  bake: z
    .exactOptional(
      z.strictObject({
        for: durationSchema.describe("How long to watch on, e.g. '2d'."),
        holdbackPercent: percentSchema
          .positive()
          .max(50)
          .describe('Share of eligible units that stays in the trial: above 0, at most 50.'),
      }),
    )
    .describe('Watching on after the last stage, before what shipped is final.'),
  coolDown: z
    .exactOptional(durationSchema)
    .describe('A hold is left, and a rollout retried, only so long after its reason. Default: at once.'),
  unprovenUnits: z
    .exactOptional(z.int().positive())
    .describe('Units that may meet a treatment while some guardrail is not proven harmless.'),
})

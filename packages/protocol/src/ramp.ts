import type { Duration } from './duration.ts'

/** One step of a ramp: how many units are enrolled, and what must be seen before the next. */
export interface Stage {
  /** Share of eligible units enrolled, in percent, up to four decimals. The ratio between arms never changes with it. */
  readonly trafficPercent: number
  /** The shortest time to stay. */
  readonly holdFor: Duration
  /** Exposed units, in each arm and over the whole phase, before the stage may be left. */
  readonly minimumUnits: number
}

export interface Ramp {
  /** Growing in `trafficPercent`. After the last one the plan decides: ship, or stop at the horizon. */
  readonly stages: readonly Stage[]
}

import { type Course, stageByTime } from './course.ts'
import type { Batch } from './draw-ramp.ts'

/** What leads one ramp: by what it sees, it moves on or aborts. */
export interface Judge {
  /** Of the ramp, from 0. */
  readonly stage: number
  readonly isAborted: boolean
  /** Every minute: `minute` have passed, and this has arrived since the look before: of each minute up to now, or nothing. */
  look(minute: number, arrived: readonly Batch[]): void
}

/** A judge for a new ramp. */
export type Method = (course: Course) => Judge

/** A ramp that moves on by the clock, whatever it sees, until it is aborted. */
export function rampByTime(isHarmful: (minute: number, arrived: readonly Batch[]) => boolean): Judge {
  const judge = {
    stage: 0,
    isAborted: false,
    look(minute: number, arrived: readonly Batch[]) {
      judge.isAborted = isHarmful(minute, arrived)
      judge.stage = stageByTime(minute)
    },
  }
  return judge
}

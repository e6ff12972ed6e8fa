import { createRandom } from '@fairtrial/sequential'
import type { Setting } from '../row.ts'
import { type Course, MINUTES, STAGES } from './course.ts'
import { deliveryOf } from './delivery.ts'
import { drawRamp, mergeBatches } from './draw-ramp.ts'
import { fairtrial } from './fairtrial.ts'
import { asArgoRollouts, asFlagger } from './fixed-threshold.ts'
import type { Judge, Method } from './judge.ts'
import { repeatedTest } from './repeated-test.ts'

/** How one ramp went under one judge. */
export interface RampEnd {
  readonly isAborted: boolean
  /** Units that met the treatment. */
  readonly treated: number
  /** Until all traffic is enrolled; Infinity where it never was. */
  readonly minutesToFull: number
}

/** Who judges the ramps, each for itself, and all of them the same ramps. */
export const SUBJECTS = ['fairtrial', 'as Argo Rollouts', 'as Flagger', 'repeated test'] as const

export type RampEnds = { readonly [Subject in (typeof SUBJECTS)[number]]: readonly RampEnd[] }

let last: { readonly course: Course; readonly setting: Setting; readonly ends: RampEnds } | undefined

/** The ramps of a course. Kept for the rows after it, which ask for another number of the same ramps. */
export function runRamps(course: Course, setting: Setting): RampEnds {
  const { trials, seed, evaluate } = setting
  const isLast =
    last?.course === course &&
    last.setting.trials === trials &&
    last.setting.seed === seed &&
    last.setting.evaluate === evaluate
  if (!isLast) last = { course, setting, ends: judged(course, setting) }
  return last!.ends
}

function judged(course: Course, { trials, seed, evaluate }: Setting): RampEnds {
  const methods: { readonly [Subject in keyof RampEnds]: Method } = {
    fairtrial: fairtrial(evaluate),
    'as Argo Rollouts': asArgoRollouts,
    'as Flagger': asFlagger,
    'repeated test': repeatedTest,
  }
  const ends = Object.fromEntries(SUBJECTS.map((subject) => [subject, [] as RampEnd[]])) as {
    [Subject in keyof RampEnds]: RampEnd[]
  }
  for (let trial = 0; trial < trials; trial++) {
    const ramp = drawRamp(course, createRandom(seed, trial + 1))
    for (const subject of SUBJECTS) ends[subject].push(endOf(ramp, course, methods[subject](course)))
  }
  return ends
}

function endOf(ramp: ReturnType<typeof drawRamp>, course: Course, judge: Judge): RampEnd {
  const deliver = deliveryOf(course)
  let treated = 0
  let minutesToFull = Number.POSITIVE_INFINITY
  for (let minute = 0; minute < MINUTES && !judge.isAborted; minute++) {
    if (judge.stage === STAGES.length - 1) minutesToFull = Math.min(minutesToFull, minute)
    const batch = mergeBatches(ramp[minute]!.slice(0, judge.stage + 1))
    treated += batch[1].units
    judge.look(minute + 1, deliver(minute, batch))
  }
  return { isAborted: judge.isAborted, treated, minutesToFull }
}

import { evaluate } from '@fairtrial/sequential'
import { describe, expect, it } from 'vitest'
import { onesAndZeros } from '../draws.ts'
import type { Course } from './course.ts'
import type { Batch } from './draw-ramp.ts'
import { fairtrial } from './fairtrial.ts'
import { asArgoRollouts, asFlagger } from './fixed-threshold.ts'
import type { Judge } from './judge.ts'
import { repeatedTest } from './repeated-test.ts'

const course: Course = {
  metrics: [{ name: 'errors', baseline: 0.02, margin: 0.01 }],
  unitsPerMinute: 200,
  harm: 0,
}
const armWith = (errors: number, units = 100): Batch[0] => ({ units, metrics: [onesAndZeros(errors, units)] })
/** 3 % in the treatment is just at the threshold, and no failure. */
const fine: Batch = [armWith(2), armWith(3)]
const bad: Batch = [armWith(4), armWith(4)]

/** The minute in which it aborts; null where it never does. */
function abortOf(judge: Judge, batchAt: (minute: number) => Batch | null): number | null {
  for (let minute = 1; minute <= 60; minute++) {
    const batch = batchAt(minute)
    judge.look(minute, batch === null ? [] : [batch])
    if (judge.isAborted) return minute
  }
  return null
}

describe('a fixed threshold', () => {
  it('as Argo Rollouts fails at the fourth of its checks every five minutes that is beyond it', () => {
    expect(abortOf(asArgoRollouts(course), () => bad)).toBe(20)
    expect(abortOf(asArgoRollouts(course), () => fine)).toBeNull()
    expect(abortOf(asArgoRollouts(course), (minute) => (minute <= 15 ? bad : fine))).toBeNull()
  })

  it('as Flagger fails at the fifth, whatever has passed between', () => {
    expect(abortOf(asFlagger(course), () => bad)).toBe(5)
    expect(abortOf(asFlagger(course), () => fine)).toBeNull()
    expect(abortOf(asFlagger(course), (minute) => (minute % 2 === 1 ? bad : fine))).toBe(9)
  })

  it('counts the failures of each metric as Argo Rollouts does, and failed checks as Flagger does', () => {
    const two: Course = { ...course, metrics: [0, 1].map((i) => ({ ...course.metrics[0]!, name: `m${i}` })) }
    const inTurns =
      (every: number) =>
      (minute: number): Batch => {
        const isFirst = Math.ceil(minute / every) % 2 === 1
        const metrics = [isFirst, !isFirst].map((isBad) => onesAndZeros(isBad ? 4 : 2, 100))
        return [
          { units: 100, metrics },
          { units: 100, metrics },
        ]
      }
    expect(abortOf(asArgoRollouts(two), inTurns(5))).toBe(35)
    expect(abortOf(asFlagger(two), inTurns(1))).toBe(5)
  })
})

describe('where nothing arrives', () => {
  it('Argo Rollouts aborts at the fifth error in a row, Flagger at the fifth check, and fairtrial holds', () => {
    expect(abortOf(asArgoRollouts(course), () => null)).toBe(25)
    expect(abortOf(asArgoRollouts(course), (minute) => (minute % 25 < 5 ? fine : null))).toBeNull()
    expect(abortOf(asFlagger(course), () => null)).toBe(5)
    const judge = fairtrial(evaluate)(course)
    expect(abortOf(judge, (minute) => (minute <= 30 ? [armWith(2), armWith(2)] : null))).toBeNull()
    expect(judge.decision).toMatchObject({ action: 'hold', rule: 'missing-evidence' })
  })
})

describe('a repeated test', () => {
  it('aborts what is significantly worse, from a hundred units an arm', () => {
    const apart: Batch = [armWith(0, 50), armWith(10, 50)]
    expect(abortOf(repeatedTest(course), () => apart)).toBe(2)
    expect(abortOf(repeatedTest(course), () => bad)).toBeNull()
    expect(abortOf(repeatedTest(course), () => [armWith(10, 50), armWith(0, 50)])).toBeNull()
  })
})

describe('fairtrial', () => {
  it('sees by its hard limit what is ten times the usual, and leaves alone what befalls both arms', () => {
    expect(abortOf(fairtrial(evaluate)(course), () => [armWith(2), armWith(25)])).toBe(1)
    expect(abortOf(fairtrial(evaluate)(course), () => [armWith(15), armWith(15)])).toBeNull()
  })
})

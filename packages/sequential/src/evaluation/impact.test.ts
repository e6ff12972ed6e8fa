import { expect, it } from 'vitest'
import { notEstimable } from './estimate.ts'
import { impactPerDay } from './impact.ts'

const read = {
  effect: { absolute: 0.02, relative: 0.1 },
  interval: { level: 0.95, absolute: [-0.01, 0.05], relative: [-0.05, 0.25] },
} as const
const counted = { type: 'count', whenMissing: 'zero' } as const

it('is the effect on all units of a day', () => {
  expect(impactPerDay(read, counted, 50_000)).toEqual({ total: 1_000, interval: [-500, 2_500] })
  expect(impactPerDay(read, counted, undefined)).toBeUndefined()
})

it('is told of sums alone, and carries on why something cannot be had', () => {
  for (const metric of [
    { type: 'ratio', whenMissing: 'zero' },
    { type: 'quantile', whenMissing: 'zero' },
    { type: 'mean', whenMissing: 'exclude' },
  ] as const) {
    expect(impactPerDay(read, metric, 10)!.total).toMatchObject({ notEstimable: { code: 'not-applicable' } })
  }
  const none = notEstimable('no-data', 'control has no units')
  const empty = { effect: { absolute: none, relative: none }, interval: { ...read.interval, absolute: none } }
  expect(impactPerDay(empty, counted, 10)).toEqual({ total: none, interval: none })
  expect(
    impactPerDay({ ...read, effect: { absolute: 1e308, relative: 1 } }, counted, 10)!.total,
  ).toMatchObject({
    notEstimable: { code: 'non-finite' },
  })
})

import { describe, expect, it } from 'vitest'
import { experiment } from '../test/synthetic-log.ts'
import { stallFinding } from './checks/stall.ts'
import { earliestOf } from './earliest.ts'

describe('the first of some times', () => {
  it('is found among more than fit into the arguments of a call: a trial of three months has that many minutes', () => {
    const minutes = new Map(Array.from({ length: 140_000 }, (_, minute) => [minute, 100]))
    expect(earliestOf(minutes.keys())).toBe(0)
    const arrivals = { exposuresBySlot: minutes, slotMs: 60_000 } as Parameters<typeof stallFinding>[0]
    expect(stallFinding(arrivals, experiment.ramp, 140_000 * 60_000)).toEqual([])
    expect(stallFinding(arrivals, experiment.ramp, 140_010 * 60_000)).toMatchObject([{ code: 'no-traffic' }])
  })

  it('is infinity of none', () => {
    expect(earliestOf([])).toBe(Number.POSITIVE_INFINITY)
  })
})

import { describe, expect, it } from 'vitest'
import { funnelSteps } from './funnel-steps.ts'

const units = {
  exposed: { old: 200, new: 180 },
  settled: { old: 100, new: 90 },
  withOutcome: { old: 50, new: 0 },
}

describe('funnelSteps', () => {
  it('tells each arm as a share of its own step before, calls apart from units', () => {
    const calls = { assigned: { old: 400, new: 390 }, exposed: { old: 400, new: 195 } }
    const steps = funnelSteps({ calls, units }, ['old', 'new'])
    expect(steps.map(({ arms }) => arms.map(({ share }) => share))).toEqual([
      [null, null],
      [1, 0.5],
      [null, null],
      [0.5, 0.5],
      [0.5, 0],
    ])
    expect(steps.map(({ most }) => most)).toEqual([400, 400, 200, 200, 200])
  })

  it('begins with units where nobody has seen assignments, and divides by nothing', () => {
    const nothing = { exposed: {}, settled: {}, withOutcome: {} }
    const steps = funnelSteps({ calls: null, units: nothing }, ['old', 'new'])
    expect(steps.map(({ title }) => title)).toEqual([
      'Units exposed',
      'Units whose window has closed, of units exposed',
      'Units with an outcome, of those',
    ])
    expect(steps.flatMap(({ arms, most }) => [most, ...arms.map(({ share }) => share)])).toEqual([
      1,
      null,
      null,
      1,
      null,
      null,
      1,
      null,
      null,
    ])
  })
})

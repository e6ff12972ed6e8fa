import type { Experiment, RolloutState } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { offersOf } from './orders.ts'

const experiment = {
  key: 'home-row',
  control: 'popularity',
  variants: [
    { name: 'popularity', weight: 1 },
    { name: 'session', weight: 1 },
  ],
  ramp: {
    stages: [
      { trafficPercent: 10, holdFor: '1h', minimumUnits: 100 },
      { trafficPercent: 50, holdFor: '1h', minimumUnits: 100, approvals: 2 },
    ],
  },
} as unknown as Experiment

const state = (fields: Partial<RolloutState>): RolloutState =>
  ({
    status: 'running',
    stage: 0,
    trafficPercent: 10,
    phase: 1,
    shippedVariant: null,
    ...fields,
  }) as RolloutState

const given = { by: 'ada', at: 1, reason: 'Fine.' }

const actions = (fields: Partial<RolloutState>) =>
  offersOf(experiment, state(fields), 'admin').map(({ action }) => action)

describe('what is offered', () => {
  it.each([
    [{}, ['hold', 'advance', 'abort']],
    [{ status: 'holding' }, ['hold', 'advance', 'abort']],
    [{ status: 'holding', heldBy: 'ada' }, ['resume', 'advance', 'abort']],
    [{ stage: 1 }, ['hold', 'approve', 'abort']],
    [{ stage: 1, approvals: [given, given] }, ['hold', 'abort']],
    [{ status: 'baking', stage: 1 }, ['hold', 'abort']],
    [{ status: 'aborted' }, ['retry']],
    [{ status: 'shipped' }, []],
  ] as const)('%j', (fields, expected) => {
    expect(actions(fields)).toEqual(expected)
  })

  it('FEATURES A11: of a start that is awaited: approve as long as people are asked for, and what starts', () => {
    const start = { readiness: true, approvals: 1 }
    const plan = { ...experiment, ramp: { ...experiment.ramp, start } } as Experiment
    const open = { status: 'holding', awaitsStart: true, trafficPercent: 0 } as const
    const offers = offersOf(plan, state(open), 'admin')
    expect(offers.map(({ action }) => action)).toEqual(['hold', 'approve', 'advance', 'abort'])
    expect(offers[1]?.consequences).toEqual([
      'This is approval 1 of 1 that the start asks for.',
      'With all of them, and a readiness report, phase 1 starts with 10 % of units.',
    ])
    expect(offers[2]?.consequences.slice(0, 2)).toEqual([
      'Before that, 1 more person must approve.',
      'Phase 1 starts with 10 % of units now, whether or not anybody has found it ready.',
    ])
    const approved = offersOf(plan, state({ ...open, approvals: [given] }), 'admin')
    expect(approved.map(({ action }) => action)).toEqual(['hold', 'advance', 'abort'])
    // What the phase was opened with stays asked for, whatever the plan says since.
    const gate = { readiness: true, maximumAgeMs: 1, approvals: 2 }
    const edited = offersOf(experiment, state({ ...open, gate, revision: 4 }), 'admin')[1]
    expect(edited).toMatchObject({ action: 'approve', seen: 4 })
    expect(edited?.consequences).toEqual([
      'This is approval 1 of 2 that the start asks for.',
      'With all of them, and a readiness report, phase 1 starts with 10 % of units.',
    ])
    expect(offersOf(plan, state({ status: 'aborted' }), 'admin')[0]?.consequences[0]).toBe(
      'Phase 2 opens, and awaits its start as this one did; nothing of phase 1 counts in it.',
    )
  })

  it('says what an abort does, for whom', () => {
    const abort = offersOf(experiment, state({}), 'operator').at(-1)
    expect(abort?.consequences[0]).toBe('Everybody gets popularity from now on; nobody gets session.')
    expect(abort?.isDangerous).toBe(true)
  })

  it('counts the approvals that are given', () => {
    const approve = offersOf(experiment, state({ stage: 1, approvals: [given] }), 'operator')[1]
    expect(approve?.consequences[0]).toContain('approval 2 of 2')
  })

  it('says before an advance who must still approve', () => {
    const plan = { ...experiment, ramp: { stages: experiment.ramp.stages.toReversed() } } as Experiment
    const advance = offersOf(plan, state({ approvals: [given] }), 'admin')[2]
    expect(advance?.consequences[0]).toBe('Before that, 1 more person must approve.')
  })

  it('says of a hold while it bakes who keeps what', () => {
    const baking = state({ status: 'baking', stage: 1, trafficPercent: 20, shippedVariant: 'session' })
    expect(offersOf(experiment, baking, 'operator')[0]?.consequences[0]).toBe(
      'Everybody keeps session, but for the 20 % who stay in the trial: the bake does not end until somebody resumes.',
    )
  })
})

describe('who may', () => {
  const refused = (role: 'viewer' | 'operator' | 'admin') =>
    offersOf(experiment, state({}), role)
      .filter(({ refusedBecause }) => refusedBecause !== null)
      .map(({ action }) => action)

  it('a viewer nothing, an operator all but advance, an admin all', () => {
    expect(refused('viewer')).toEqual(['hold', 'advance', 'abort'])
    expect(refused('operator')).toEqual(['advance'])
    expect(refused('admin')).toEqual([])
  })

  it('and why not', () => {
    expect(offersOf(experiment, state({}), 'viewer')[0]?.refusedBecause).toBe(
      'Hold needs the role operator; you are viewer.',
    )
  })
})

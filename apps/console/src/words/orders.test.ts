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

const actions = (fields: Partial<RolloutState>) =>
  offersOf(experiment, state(fields), 'admin').map(({ action }) => action)

describe('what is offered', () => {
  it.each([
    [{}, ['hold', 'advance', 'abort']],
    [{ status: 'holding' }, ['hold', 'advance', 'abort']],
    [{ status: 'holding', heldBy: 'ada' }, ['resume', 'advance', 'abort']],
    [{ stage: 1 }, ['hold', 'approve', 'abort']],
    [{ status: 'baking', stage: 1 }, ['hold', 'abort']],
    [{ status: 'aborted' }, ['retry']],
    [{ status: 'shipped' }, []],
  ] as const)('%j', (fields, expected) => {
    expect(actions(fields)).toEqual(expected)
  })

  it('says what an abort does, for whom', () => {
    const abort = offersOf(experiment, state({}), 'operator').at(-1)
    expect(abort?.consequences[0]).toBe('Everybody gets popularity from now on; nobody gets session.')
    expect(abort?.isDangerous).toBe(true)
  })

  it('counts the approvals that are given', () => {
    const given = { by: 'ada', at: 1, reason: 'Fine.' }
    const approve = offersOf(experiment, state({ stage: 1, approvals: [given] }), 'operator')[1]
    expect(approve?.consequences[0]).toContain('approval 2 of 2')
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

import type { Decision, DecisionAction, RolloutState } from '@fairtrial/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeExperiment } from '../test/fixture.ts'
import { isFinal, startRollout } from './start.ts'
import { openPhase, transition } from './transition.ts'

const experiment = makeExperiment()
const start = startRollout(experiment, { now: 1_000 })

function decisionOf(state: RolloutState, action: DecisionAction): Decision {
  return {
    schema: 'fairtrial.decision/1',
    experiment: state.experiment,
    fingerprint: state.fingerprint,
    phase: state.phase,
    revision: state.revision,
    decidedAt: 2_000,
    action,
    rule: 'awaiting-plan',
    reasons: ['Because.'],
    evidence: {},
    ...(action === 'ship' && { shipVariant: 'model' }),
  }
}

const apply = (state: RolloutState, action: DecisionAction, now = 2_000): RolloutState =>
  transition(experiment, state, decisionOf(state, action), { now, by: 'controller' })?.to ?? state

describe('transition', () => {
  it('starts on the first stage, running', () => {
    expect(start).toMatchObject({
      status: 'running',
      stage: 0,
      trafficPercent: 1,
      phase: 1,
      revision: 1,
      startedAt: 1_000,
    })
  })

  it('advances one stage, whatever time has passed, and starts its clock', () => {
    expect(apply(start, 'advance', 9_999_999)).toMatchObject({
      stage: 1,
      trafficPercent: 10,
      stageStartedAt: 9_999_999,
      startedAt: 1_000,
      revision: 2,
    })
  })

  it('holds at the traffic it has, keeps since when, and runs again', () => {
    const held = apply(start, 'hold', 2_000)
    expect(held).toMatchObject({ status: 'holding', holdingSince: 2_000, trafficPercent: 1, revision: 2 })
    expect(apply(held, 'hold', 3_000)).toBe(held)
    expect(apply(held, 'continue')).toMatchObject({ status: 'running', holdingSince: null, revision: 3 })
    expect(apply(held, 'advance')).toMatchObject({ status: 'running', holdingSince: null, stage: 1 })
  })

  it('notes the extension of a hold once, and forgets it with the hold', () => {
    const extended = (state: RolloutState, now: number) =>
      transition(experiment, state, { ...decisionOf(state, 'hold'), rule: 'hold-extended' }, { now, by: 'c' })
    const held = apply(start, 'hold', 2_000)
    const longer = extended(held, 9_000)
    expect(longer?.to).toMatchObject({ status: 'holding', holdingSince: 2_000, extendedAt: 9_000 })
    expect(extended(longer!.to, 9_500)).toBeNull()
    expect(apply(longer!.to, 'continue')).toMatchObject({ holdingSince: null, extendedAt: null })
  })

  it('lets a decision through a hold by hand only where it aborts', () => {
    const held: RolloutState = { ...start, status: 'holding', heldBy: 'ada' }
    for (const action of ['continue', 'advance', 'hold', 'ship', 'stop'] as const) {
      expect(apply(held, action)).toBe(held)
    }
    expect(apply(held, 'abort')).toMatchObject({ status: 'aborted', heldBy: null })
  })

  it('asks for new approvals on a new stage', () => {
    const approved = { ...start, approvals: [{ by: 'ada', at: 1_500, reason: 'Fine.' }] }
    expect(apply(approved, 'hold').approvals).toHaveLength(1)
    expect(apply(approved, 'advance').approvals).toEqual([])
  })

  it('bakes what ships where the plan has a bake: to all but the holdback, until it has baked', () => {
    const of = makeExperiment({ ramp: { ...experiment.ramp, bake: { for: '2d', holdbackPercent: 5 } } })
    const next = (state: RolloutState, action: DecisionAction, now = 2_000): RolloutState =>
      transition(of, state, decisionOf(state, action), { now, by: 'controller' })?.to ?? state
    const baking = next({ ...start, stage: 2 }, 'ship')
    expect(baking).toMatchObject({
      status: 'baking',
      trafficPercent: 5,
      shippedVariant: 'model',
      stageStartedAt: 2_000,
    })
    const held = next(baking, 'hold', 3_000)
    expect(held).toMatchObject({ status: 'baking', holdingSince: 3_000, shippedVariant: 'model' })
    expect(next(held, 'continue')).toMatchObject({ status: 'baking', holdingSince: null })
    expect(next(baking, 'continue')).toBe(baking)
    expect(next(held, 'abort')).toMatchObject({ status: 'aborted', trafficPercent: 0, shippedVariant: null })
    expect(next(baking, 'ship')).toMatchObject({
      status: 'shipped',
      trafficPercent: 0,
      shippedVariant: 'model',
    })
  })

  it('changes nothing on continue while running', () => {
    expect(
      transition(experiment, start, decisionOf(start, 'continue'), { now: 2_000, by: 'controller' }),
    ).toBeNull()
  })

  it('withdraws all traffic on abort, ship and stop, with the cause in the event', () => {
    const event = transition(experiment, start, decisionOf(start, 'abort'), { now: 2_000, by: 'controller' })
    expect(event).toMatchObject({ at: 2_000, by: 'controller', from: start, reason: 'Because.' })
    expect(event?.to).toMatchObject({
      status: 'aborted',
      trafficPercent: 0,
      cause: 'Because.',
      shippedVariant: null,
    })
    expect(apply(start, 'stop')).toMatchObject({ status: 'stopped', trafficPercent: 0, shippedVariant: null })
    expect(apply(start, 'ship')).toMatchObject({
      status: 'shipped',
      trafficPercent: 0,
      shippedVariant: 'model',
    })
  })

  it('refuses to ship nothing', () => {
    const { shipVariant: _, ...decision } = decisionOf(start, 'ship')
    expect(() => transition(experiment, start, decision, { now: 2_000, by: 'controller' })).toThrow(
      /names no variant/,
    )
  })

  it('refuses a decision about another revision, unless it aborts', () => {
    const moved = apply(start, 'advance')
    const late = (action: DecisionAction) =>
      transition(experiment, moved, decisionOf(start, action), { now: 3_000, by: 'controller' })
    expect(() => late('advance')).toThrow(/made at revision 1; the state is at 2/)
    expect(late('abort')?.to).toMatchObject({ status: 'aborted', revision: 3 })
  })

  it('FAULTS 7: refuses a decision about another definition', () => {
    const other = { ...decisionOf(start, 'advance'), fingerprint: 'b'.repeat(64) }
    expect(() => transition(experiment, start, other, { now: 2_000, by: 'controller' })).toThrow(
      /not about the state in hand/,
    )
  })

  it('opens a later phase one revision on', () => {
    const next = startRollout(experiment, { now: 5_000, phase: 2, revision: start.revision + 1 })
    expect(openPhase(experiment, start, next, 'controller')).toMatchObject({
      from: start,
      to: { phase: 2, revision: 2 },
      weights: { control: 1, model: 1 },
      decision: null,
    })
  })

  it('FAULTS 12: revisions grow by one, an abort always wins, and a final state is final', () => {
    const action = fc.constantFrom<DecisionAction[]>('continue', 'advance', 'hold', 'abort', 'ship', 'stop')
    fc.assert(
      fc.property(fc.array(action, { maxLength: 12 }), (actions) => {
        let state = start
        for (const next of actions) {
          // The last stage has nothing after it; `decide` never advances from there.
          if (next === 'advance' && state.stage === experiment.ramp.stages.length - 1) continue
          const before = state
          state = apply(before, next)
          if (isFinal(before)) expect(state).toBe(before)
          else if (next === 'abort') expect(state.status).toBe('aborted')
          expect(state.revision).toBe(state === before ? before.revision : before.revision + 1)
        }
      }),
    )
  })
})

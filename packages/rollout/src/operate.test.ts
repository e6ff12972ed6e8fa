import type { Decision, DecisionRule, RolloutState } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { HOUR, makeExperiment } from '../test/fixture.ts'
import { operate, type OrderAction } from './operate.ts'
import { startRollout } from './start.ts'

const plain = makeExperiment()
const experiment = makeExperiment({
  ramp: {
    stages: [
      { trafficPercent: 1, holdFor: '1h', minimumUnits: 100, approvals: 2 },
      { trafficPercent: 10, holdFor: '4h', minimumUnits: 1_000 },
      { trafficPercent: 50, holdFor: '24h', minimumUnits: 5_000 },
    ],
    bake: { for: '2d', holdbackPercent: 5 },
    coolDown: '1h',
  },
})
const start = startRollout(experiment, { now: 1_000 })

const order = (state: RolloutState, action: OrderAction, by = 'ada', now = 2_000, last?: Decision | null) =>
  operate(experiment, state, { action, by, reason: `${by} says so.` }, now, last)

const after = (state: RolloutState, action: OrderAction, by = 'ada', now = 2_000): RolloutState =>
  order(state, action, by, now)?.to ?? state

const state = (change: Partial<RolloutState>): RolloutState => ({ ...start, ...change })

const decided = (rule: DecisionRule): Decision => ({
  schema: 'fairtrial.decision/1',
  experiment: start.experiment,
  fingerprint: start.fingerprint,
  phase: 1,
  revision: 1,
  decidedAt: 1_500,
  action: 'hold',
  rule,
  reasons: ['The ratio is off.'],
  evidence: {},
})

describe('an order', () => {
  it('needs a name, a reason and an action', () => {
    const unsigned = [
      { action: 'abort', by: 'ada', reason: ' ' },
      { action: 'abort', by: '', reason: 'x' },
      { action: 'pause', by: 'ada', reason: 'x' },
    ]
    for (const given of unsigned) {
      const { code } = refusal(() => operate(plain, start, given as never, 7_000))
      expect(code).toBe('invalid-argument')
    }
  })

  it('is refused under another definition, unless it aborts or opens a new phase', () => {
    const other = makeExperiment({ fingerprint: 'b'.repeat(64) })
    const ordered = (action: OrderAction, of = start) =>
      operate(other, of, { action, by: 'ada', reason: 'x' }, 9_000_000)
    for (const action of ['hold', 'resume', 'advance', 'approve'] as const) {
      expect(refusal(() => ordered(action)).code).toBe('definition-changed')
    }
    expect(ordered('abort')?.to.status).toBe('aborted')
    expect(ordered('retry', after(start, 'abort'))?.to).toMatchObject({
      phase: 2,
      fingerprint: 'b'.repeat(64),
    })
  })
})

describe('abort', () => {
  it('asks for no evidence, in the name of who did', () => {
    const event = order(state({ status: 'holding', holdingSince: 1_500 }), 'abort', 'ada', 7_000)
    const to = { status: 'aborted', trafficPercent: 0, revision: 2, cause: 'ada says so.' }
    expect(event).toMatchObject({ at: 7_000, by: 'ada', decision: null, to })
    expect(order(event!.to, 'abort')).toBeNull()
  })

  it('takes back what bakes: nothing is served to anybody', () => {
    const baking = state({ status: 'baking', stage: 2, trafficPercent: 5, shippedVariant: 'model' })
    expect(after(baking, 'abort')).toMatchObject({
      status: 'aborted',
      trafficPercent: 0,
      shippedVariant: null,
    })
  })
})

describe('hold and resume', () => {
  it('hold until they resume it, without the clock of missing evidence', () => {
    const held = after(start, 'hold')
    expect(held).toMatchObject({ status: 'holding', heldBy: 'ada', holdingSince: null, trafficPercent: 1 })
    expect(after(held, 'resume', 'bob')).toMatchObject({ status: 'running', heldBy: null, revision: 3 })
  })

  it('are no way around a hold for want of evidence: it goes on, its clock anew, its extension spent', () => {
    const doubted = { holdingSince: 1_500, extendedAt: 1_700 } as const
    for (const status of ['holding', 'baking'] as const) {
      const held = after(state({ status, ...doubted }), 'hold')
      expect(held).toMatchObject({ status, heldBy: 'ada', ...doubted })
      expect(order(held, 'resume', 'bob', 9_000)?.to).toMatchObject({
        status,
        heldBy: null,
        holdingSince: 9_000,
        extendedAt: 1_700,
      })
    }
  })

  it('leave a bake a bake', () => {
    const baking = state({ status: 'baking', stage: 2, trafficPercent: 5, shippedVariant: 'model' })
    const held = after(baking, 'hold')
    expect(held).toMatchObject({ status: 'baking', heldBy: 'ada', shippedVariant: 'model' })
    expect(after(held, 'resume')).toMatchObject({ status: 'baking', heldBy: null, shippedVariant: 'model' })
  })

  it('know one holder, and refuse what is no hold by hand', () => {
    const held = after(start, 'hold')
    expect(order(held, 'hold')).toBeNull()
    expect(refusal(() => order(held, 'hold', 'bob')).message).toContain('ada holds ranking already')
    const doubted = state({ status: 'holding', holdingSince: 1_500, cause: 'The log holds no event.' })
    expect(refusal(() => order(doubted, 'resume')).message).toContain('The log holds no event.')
  })
})

describe('approve', () => {
  it('is one voice a person and stage, as many as it asks for', () => {
    const once = after(start, 'approve')
    expect(once).toMatchObject({
      approvals: [{ by: 'ada', at: 2_000, reason: 'ada says so.' }],
      cause: start.cause,
      stage: 0,
    })
    expect(refusal(() => order(once, 'approve', ' ada ')).message).toContain('has approved stage 1 already')
    expect(refusal(() => order(once, 'approve')).remedy).toBe(
      'It asks for 1 more; have another one look at it.',
    )
    for (const same of ['Ada', 'ADA', 'a\u200bda', '\uff41da', 'ada\t']) {
      expect(refusal(() => order(once, 'approve', same)).message).toContain('has approved stage 1 already')
    }
    const twice = after(once, 'approve', 'bob')
    expect(twice.approvals).toHaveLength(2)
    expect(refusal(() => order(twice, 'approve', 'eve')).message).toContain('has its 2 approvals')
    expect(refusal(() => order(twice, 'approve')).remedy).toBe('Nothing is to do: nobody else is asked for.')
    expect(after(twice, 'advance').approvals).toEqual([])
  })

  it('is refused where nobody is asked', () => {
    expect(refusal(() => order(state({ stage: 1 }), 'approve')).message).toContain('Stage 2 asks for no')
    expect(refusal(() => order(state({ status: 'baking' }), 'approve')).message).toContain('A bake asks for')
  })
})

describe('advance', () => {
  const second = state({ stage: 1, trafficPercent: 10 })

  it('goes one stage on, without its time and units', () => {
    expect(after(second, 'advance', 'ada', 5_000)).toMatchObject({
      status: 'running',
      stage: 2,
      trafficPercent: 50,
      stageStartedAt: 5_000,
      startedAt: 1_000,
    })
  })

  it('puts off the end of no hold', () => {
    const held = state({ stage: 1, status: 'holding', holdingSince: 1_200 })
    expect(after(held, 'advance')).toMatchObject({ status: 'holding', holdingSince: 1_200, stage: 2 })
  })

  it.each([
    ['a missing approval', after(start, 'approve'), 'asks for 2 approvals and has 1'],
    ['the last stage', state({ stage: 2 }), 'on its last stage'],
    ['a bake', state({ status: 'baking', stage: 2 }), 'bakes'],
    ['a hold by hand', state({ stage: 1, status: 'holding', heldBy: 'bob' }), 'bob holds ranking'],
    ['the end', state({ status: 'aborted' }), 'is over: it was aborted'],
  ])('does not go past %s', (_name, from, message) => {
    const { code, message: told } = refusal(() => order(from, 'advance'))
    expect({ code, told }).toEqual({ code: 'refused', told: expect.stringContaining(message) })
  })

  it('FAULTS 61: does not go past a broken audit, harm or missing evidence where the last decision tells it', () => {
    for (const rule of ['audit-broken', 'guardrail-breach', 'missing-evidence'] as const) {
      expect(refusal(() => order(second, 'advance', 'ada', 2_000, decided(rule))).message).toContain(
        'goes not past this: The ratio is off.',
      )
    }
    for (const rule of ['stage-time', 'guardrail-unknown'] as const) {
      expect(order(second, 'advance', 'ada', 2_000, decided(rule))?.to.stage).toBe(2)
    }
    expect(refusal(() => order(second, 'advance', 'ada', 2_000, decided('hold-extended'))).code).toBe(
      'refused',
    )
  })

  it.each([
    ['none', null],
    ['one at another phase', { ...decided('stage-time'), phase: 2 }],
  ])('FAULTS 61: does not go on where nothing was seen: the last look is %s', (_, last) => {
    expect(refusal(() => order(second, 'advance', 'ada', 2_000, last)).message).toContain('is not known')
    expect(order(second, 'abort', 'ada', 2_000, last)?.to.status).toBe('aborted')
  })
})

describe('an advance after a hold by hand', () => {
  it('waits for a look: what the hold has covered is not known', () => {
    const held = after(state({ stage: 1, trafficPercent: 10 }), 'hold')
    const resumed = after(held, 'resume')
    const covered = decided('operator-hold')
    expect(refusal(() => order(resumed, 'advance', 'ada', 2_000, covered)).message).toContain(
      'what else would hold it is not known',
    )
    expect(order(resumed, 'advance', 'ada', 2_000, decided('stage-time'))?.to.stage).toBe(2)
  })
})

describe('retry', () => {
  const aborted = state({ status: 'aborted', changedAt: 10_000, revision: 7, trafficPercent: 0 })

  it('opens the next phase with fresh evidence, once it has cooled down', () => {
    expect(refusal(() => order(aborted, 'retry', 'ada', 10_000 + HOUR - 1)).message).toContain(
      'has it cool down for 1 h',
    )
    const event = order(aborted, 'retry', 'ada', 10_000 + HOUR)
    expect(event).toMatchObject({ by: 'ada', reason: 'ada says so.', weights: { control: 1, model: 1 } })
    expect(event?.to).toMatchObject({
      status: 'running',
      phase: 2,
      revision: 8,
      stage: 0,
      trafficPercent: 1,
      startedAt: 10_000 + HOUR,
      stageStartedAt: 10_000 + HOUR,
      holdingSince: null,
    })
  })

  it('re-arms nothing that runs or has shipped', () => {
    expect(order(state({ status: 'stopped', changedAt: 0 }), 'retry', 'ada', HOUR)?.to.phase).toBe(2)
    for (const status of ['running', 'holding', 'baking', 'shipped'] as const) {
      expect(refusal(() => order(state({ status }), 'retry', 'ada', 9 * HOUR)).code).toBe('refused')
    }
  })
})

function refusal(order: () => unknown): { code: string; message: string; remedy: string } {
  try {
    order()
  } catch (error) {
    return error as { code: string; message: string; remedy: string }
  }
  throw new Error('It was not refused.')
}

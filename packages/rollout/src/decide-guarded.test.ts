import type { Comparison, Experiment, RolloutState } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import {
  HOUR,
  MINUTE,
  makeAudit,
  makeComparison,
  makeEvaluation,
  makeExperiment,
  makeFinding,
  makeGuardrail,
} from '../test/fixture.ts'
import { clearedSince } from './cleared-since.ts'
import { decide } from './decide.ts'
import type { Evidence } from './evidence.ts'
import { startRollout } from './start.ts'

const START = 1_000_000_000
const DAY = 24 * HOUR
const plain = makeExperiment()

type Verdicts = { readonly [metric: string]: Comparison['verdict'] }
const SOUND: Verdicts = { watched: 'better', started: 'ok', latency: 'ok' }

/** Decides so long after the start of a phase, on sound evidence of that moment unless told otherwise. */
function decideAt(
  after: number,
  of: Experiment,
  change: Partial<RolloutState> = {},
  given: Partial<Evidence> & { readonly verdicts?: Verdicts } = {},
) {
  const now = START + after
  const { verdicts = SOUND, ...rest } = given
  return decide({
    experiment: of,
    state: { ...startRollout(of, { now: START }), ...change },
    evaluation: makeEvaluation(of, now, 10_000, verdicts),
    audit: makeAudit(of, now),
    now,
    ...rest,
  })
}

const broken = (code: Parameters<typeof makeFinding>[0], after = HOUR) => ({
  audit: makeAudit(plain, START + after, [makeFinding(code, 'broken')]),
})

describe('a guardrail in shadow', () => {
  const of = makeExperiment({
    guardrails: [
      { ...makeGuardrail('started', 'abort'), shadow: true },
      { ...makeGuardrail('latency', 'hold'), shadow: true },
    ],
  })

  it('never acts, and says what it would have done', () => {
    const decision = decideAt(HOUR, of, {}, { verdicts: { ...SOUND, started: 'breach', latency: 'breach' } })
    expect(decision).toMatchObject({
      action: 'advance',
      wouldAbort: [
        'Would have aborted. Guardrail started, model: started is breach.',
        'Would have held. Guardrail latency, model: latency is breach.',
      ],
    })
  })

  it('holds nothing while it is unknown, and aborts on no hard limit', () => {
    const evaluation = makeEvaluation(of, START + HOUR, 10_000, { ...SOUND, started: 'unknown' })
    const limit = { breached: true, mean: 0.08, worst: 0.5, units: 12 }
    const comparisons = { model: makeComparison(of, 'started', 'unknown', limit) }
    const started = { ...evaluation.metrics['started']!, comparisons }
    const decision = decideAt(
      HOUR,
      of,
      {},
      { evaluation: { ...evaluation, metrics: { ...evaluation.metrics, started } } },
    )
    expect(decision.action).toBe('advance')
    expect(decision.wouldAbort?.[0]).toMatch(
      /^Would have aborted\. Hard limit on started: model stands at 8 %/,
    )
    expect(decideAt(HOUR, plain).wouldAbort).toBeUndefined()
  })
})

describe('what the plan has a check do', () => {
  it('aborts, holds, or only warns', () => {
    const decided = (action: 'abort' | 'hold' | 'warn') =>
      decideAt(HOUR, makeExperiment({ checks: { crossover: action } }), {}, broken('crossover'))
    expect(decided('abort')).toMatchObject({ action: 'abort', rule: 'check-failed' })
    expect(decided('abort').reasons[0]).toBe('The plan aborts on crossover: crossover was found.')
    expect(decided('hold')).toMatchObject({ action: 'hold', rule: 'audit-broken' })
    expect(decided('warn').action).toBe('advance')
    expect(decided('warn').reasons).toContain('The plan only warns of crossover: crossover was found.')
  })

  it('lets one code pass, and no other that is broken beside it', () => {
    const of = makeExperiment({ checks: { crossover: 'warn' } })
    const findings = [makeFinding('crossover', 'broken'), makeFinding('leak', 'broken')]
    const decision = decideAt(HOUR, of, {}, { audit: makeAudit(of, START + HOUR, findings) })
    expect(decision).toMatchObject({ action: 'hold', rule: 'audit-broken' })
    const unexplained = { ...makeAudit(of, START + HOUR), verdict: 'broken' as const }
    expect(decideAt(HOUR, of, {}, { audit: unexplained }).rule).toBe('audit-broken')
  })

  it('never lets an absence pass, and aborts on it where the plan says so', () => {
    for (const severity of ['caution', 'broken'] as const) {
      const decided = (action: 'abort' | 'warn', after = HOUR) => {
        const of = makeExperiment({ checks: { 'stale-data': action } })
        const audit = makeAudit(of, START + after, [makeFinding('stale-data', severity)])
        return decideAt(after, of, {}, { audit }).action
      }
      expect(decided('warn')).toBe('hold')
      expect(decided('abort')).toBe('abort')
    }
    const young = makeExperiment({ checks: { 'no-data': 'abort' } })
    const audit = makeAudit(young, START + MINUTE, [makeFinding('no-data', 'caution')])
    expect(decideAt(MINUTE, young, {}, { audit }).action).toBe('continue')
  })

  it('acts on a watched input as that input says', () => {
    for (const [action, expected] of [
      ['abort', 'abort'],
      ['hold', 'hold'],
      ['warn', 'advance'],
    ] as const) {
      const of = makeExperiment({ inputs: { country: { type: 'text', maximumPsi: 0.2, action } } })
      const finding = { ...makeFinding('input-drift', 'broken'), evidence: { feature: 'country' } }
      const decision = decideAt(HOUR, of, {}, { audit: makeAudit(of, START + HOUR, [finding]) })
      expect(decision.action).toBe(expected)
    }
  })

  it('aborts on no audit of another definition or of before the phase', () => {
    const of = makeExperiment({ checks: { leak: 'abort' } })
    const foreign = { ...broken('leak').audit, fingerprint: 'b'.repeat(64) }
    expect(decideAt(HOUR, of, {}, { audit: foreign }).action).toBe('hold')
    expect(decideAt(HOUR, of, {}, broken('leak', -HOUR)).action).toBe('hold')
  })
})

describe('a hold by hand', () => {
  const held = { status: 'holding', heldBy: 'ada', cause: 'Support is busy.' } as const

  it('is left by nothing that is found, however long it lasts', () => {
    const decision = decideAt(13 * DAY, plain, held)
    expect(decision).toMatchObject({ action: 'hold', rule: 'operator-hold' })
    expect(decision.reasons[0]).toBe('ada holds it by hand: Support is busy.')
    const late = decideAt(40 * DAY, plain, held, { evaluation: null, audit: null })
    expect(late.action).toBe('hold')
    expect(late.reasons).toContain('There is no evaluation.')
    const doubted = decideAt(40 * DAY, plain, { ...held, holdingSince: START }, { evaluation: null })
    expect(doubted.reasons.join(' ')).not.toContain('the plan allows')
  })

  it('is gone through by harm, and by a check that aborts', () => {
    const verdicts = { ...SOUND, started: 'breach' } as const
    expect(decideAt(HOUR, plain, held, { verdicts }).action).toBe('abort')
    const of = makeExperiment({ checks: { leak: 'abort' } })
    expect(decideAt(HOUR, of, held, broken('leak')).rule).toBe('check-failed')
  })
})

describe('approvals', () => {
  const stages = plain.ramp.stages.map((stage) => ({ ...stage, approvals: 2 }))
  const of = makeExperiment({ ramp: { stages } })
  const ada = { by: 'ada', at: START, reason: 'Looks fine.' }
  const both = [ada, { ...ada, by: 'bob' }]

  it('are the last gate of every stage, and of shipping', () => {
    expect(decideAt(30 * MINUTE, of).rule).toBe('stage-time')
    const decision = decideAt(HOUR, of, { approvals: [ada] })
    expect(decision).toMatchObject({ action: 'continue', rule: 'awaiting-approval' })
    expect(decision.reasons[0]).toBe(
      'All else is met. Stage 1 waits for people: 2 must approve, and ada did.',
    )
    expect(decision.changesWhen?.[0]).toBe('An advance: when 1 more person approves.')
    expect(decideAt(HOUR, of, { approvals: both }).action).toBe('advance')
    expect(decideAt(DAY, of, { stage: 2 }).rule).toBe('awaiting-approval')
    expect(decideAt(DAY, of, { stage: 2, approvals: both }).action).toBe('ship')
  })

  it('are waited for with guardrails judged, and not past the horizon', () => {
    expect(decideAt(HOUR, of, {}, { verdicts: { ...SOUND, started: 'breach' } }).action).toBe('abort')
    expect(decideAt(HOUR, of, { approvals: both }, { verdicts: { ...SOUND, started: 'unknown' } }).rule).toBe(
      'guardrail-unknown',
    )
    expect(decideAt(14 * DAY, of, { stage: 2 })).toMatchObject({ action: 'stop', rule: 'plan-end' })
  })
})

describe('the extension of a hold', () => {
  const extended = (metric: string) => ({
    ...makeGuardrail(metric, 'abort'),
    evidence: { ...makeGuardrail(metric, 'abort').evidence, extension: '6h' as const },
  })
  const of = makeExperiment({ guardrails: [extended('started'), extended('latency')] })
  const held = { status: 'holding', holdingSince: START } as const
  const unknown = { verdicts: { ...SOUND, started: 'unknown' } } as const

  it('is once, when the longest hold is over, while evidence arrives', () => {
    expect(decideAt(DAY - 1, of, held, unknown).rule).toBe('guardrail-unknown')
    expect(decideAt(DAY, of, held, unknown)).toMatchObject({ action: 'hold', rule: 'hold-extended' })
    const again = { ...held, extendedAt: START + DAY }
    expect(decideAt(DAY + 6 * HOUR - 1, of, again, unknown).rule).toBe('guardrail-unknown')
    expect(decideAt(DAY + 6 * HOUR, of, again, unknown)).toMatchObject({
      action: 'abort',
      rule: 'hold-expired',
    })
  })

  it('ends where evidence stops, and is not where one guardrail allows none', () => {
    const stale = { audit: makeAudit(of, START + DAY, [makeFinding('stale-data', 'caution')]) }
    expect(decideAt(DAY, of, held, stale).rule).toBe('hold-expired')
    expect(decideAt(DAY, of, held, { evaluation: null }).rule).toBe('hold-expired')
    const strict = makeExperiment({ guardrails: [extended('started'), makeGuardrail('latency', 'hold')] })
    expect(decideAt(DAY, strict, held, unknown).rule).toBe('hold-expired')
  })
})

describe('the cool-down', () => {
  const of = makeExperiment({ ramp: { ...plain.ramp, coolDown: '30m' } })
  const held = { status: 'holding', holdingSince: START } as const

  it('FAULTS 57: leaves a hold only when its reason has been gone for so long', () => {
    const now = START + 2 * HOUR
    const decided = (clearSince: number | null) => decideAt(2 * HOUR, of, held, { clearSince })
    expect(decided(null)).toMatchObject({ action: 'hold', rule: 'cooling-down' })
    expect(decided(now - 30 * MINUTE + 1).rule).toBe('cooling-down')
    expect(decided(now - 30 * MINUTE).action).toBe('advance')
    expect(decideAt(2 * HOUR, of).action).toBe('advance')
  })

  it('FAULTS 57: a guardrail that flaps for a day ends in an abort, with not one stage more', () => {
    let clearSince: number | null = null
    let ticks = 0
    for (let after = 0; ; after += MINUTE) {
      ticks++
      // Ten minutes of doubt, twenty without.
      const verdicts = after % (30 * MINUTE) < 10 * MINUTE ? { ...SOUND, latency: 'breach' as const } : SOUND
      const decision = decideAt(after, of, held, { verdicts, clearSince })
      clearSince = clearedSince(decision, clearSince)
      if (decision.action === 'abort') {
        expect(decision.rule).toBe('hold-expired')
        break
      }
      expect(decision.action).toBe('hold')
    }
    expect(ticks).toBe(24 * 60 + 1)
  })

  it('does not put off what withdraws a treatment', () => {
    expect(decideAt(DAY, of, held, { verdicts: { ...SOUND, started: 'breach' } }).action).toBe('abort')
    const open = { verdicts: { ...SOUND, watched: 'unknown' } } as const
    const young = { ...held, holdingSince: START + 14 * DAY - HOUR }
    expect(decideAt(14 * DAY, of, young, open)).toMatchObject({ action: 'stop', rule: 'plan-end' })
  })
})

describe('the blast radius', () => {
  const of = makeExperiment({ ramp: { ...plain.ramp, unprovenUnits: 500 } })
  const units = (n: number, verdicts: Verdicts) => ({
    evaluation: { ...makeEvaluation(of, START + MINUTE, 0, verdicts), units: { control: 9_000, model: n } },
  })

  it('aborts when more units than allowed have met what is not proven harmless', () => {
    const unknown = { ...SOUND, latency: 'unknown' } as const
    expect(decideAt(MINUTE, of, {}, units(500, unknown)).rule).toBe('stage-time')
    const decision = decideAt(MINUTE, of, {}, units(501, unknown))
    expect(decision).toMatchObject({ action: 'abort', rule: 'budget-spent' })
    expect(decision.reasons).toEqual([
      '501 units have met a treatment; the plan allows 500 while a guardrail is not proven harmless.',
      'Guardrail latency, model: latency is unknown.',
    ])
    expect(decideAt(MINUTE, of, {}, units(501, SOUND)).rule).toBe('stage-time')
    const baking = { status: 'baking', stage: 2, shippedVariant: 'model' } as const
    expect(decideAt(MINUTE, of, baking, units(501, unknown)).action).not.toBe('abort')
  })
})

describe('after an outage', () => {
  it('a stage that was entered is stayed in, and looked at, whatever time has passed', () => {
    const now = START + 10 * DAY
    const entered = { stage: 1, stageStartedAt: now }
    expect(decideAt(10 * DAY, plain, entered).rule).toBe('stage-time')
    const of = makeExperiment({
      ramp: { stages: plain.ramp.stages.map((stage) => ({ ...stage, holdFor: '0s' as const })) },
    })
    expect(decideAt(10 * DAY, of, entered)).toMatchObject({ action: 'continue', rule: 'stage-time' })
    expect(decideAt(10 * DAY + 1, of, entered).action).toBe('advance')
    const before = { evaluation: makeEvaluation(of, now - 1, 10_000), audit: makeAudit(of, now - 1) }
    expect(decideAt(10 * DAY + 1, of, entered, before).rule).toBe('stage-time')
  })
})

describe('a bake', () => {
  const of = makeExperiment({ ramp: { ...plain.ramp, bake: { for: '2d', holdbackPercent: 5 } } })
  const baking = {
    status: 'baking',
    stage: 2,
    trafficPercent: 5,
    shippedVariant: 'model',
    stageStartedAt: START + DAY,
  } as const

  it('watches for its time, whatever the horizon, and then ships for good', () => {
    const decision = decideAt(2 * DAY, of, baking)
    expect(decision).toMatchObject({ action: 'continue', rule: 'baking' })
    expect(decision.reasons[0]).toContain(
      'served to everybody but 5 %, who stay in the trial; it has baked for 24 h',
    )
    expect(decideAt(3 * DAY, of, baking)).toMatchObject({
      action: 'ship',
      rule: 'baked',
      shipVariant: 'model',
    })
    const late = { ...baking, stageStartedAt: START + 13 * DAY }
    expect(decideAt(14 * DAY, of, late).rule).toBe('baking')
  })

  it('is aborted by harm, and fails closed where evidence is missing', () => {
    expect(decideAt(2 * DAY, of, baking, { verdicts: { ...SOUND, started: 'breach' } }).action).toBe('abort')
    const missing = { evaluation: null, audit: null }
    expect(decideAt(2 * DAY, of, baking, missing)).toMatchObject({ action: 'hold', rule: 'missing-evidence' })
    const held = { ...baking, holdingSince: START + DAY }
    expect(decideAt(2 * DAY, of, held, missing)).toMatchObject({ action: 'abort', rule: 'hold-expired' })
  })

  it('does not ship for good what is not proven harmless at its end, or has got worse', () => {
    const decided = (verdicts: Verdicts) => decideAt(3 * DAY, of, baking, { verdicts })
    expect(decided({ ...SOUND, latency: 'unknown' })).toMatchObject({
      action: 'hold',
      rule: 'guardrail-unknown',
    })
    expect(decided({ ...SOUND, watched: 'worse' })).toMatchObject({ action: 'hold', rule: 'deterioration' })
    expect(decided({ ...SOUND, watched: 'unknown' }).action).toBe('ship')
  })

  it('is held by hand as any state is', () => {
    expect(decideAt(3 * DAY, of, { ...baking, heldBy: 'ada' }).rule).toBe('operator-hold')
  })
})

describe('what would change it', () => {
  const said = (decision: ReturnType<typeof decideAt>) => decision.changesWhen?.join('\n')

  it('is told in sentences with their numbers', () => {
    expect(said(decideAt(30 * MINUTE, plain))).toBe(
      [
        "An advance: when stage 1 has lasted 1 h, in 30 min and each arm has 100 units and every guardrail's interval lies wholly inside its margin.",
        'A stop: at the horizon, in 14 days, when nothing has shipped by then.',
        'An abort: when the interval of started lies wholly beyond its margin or an arm is worse than 50 % of started or 0.5 of latency.',
      ].join('\n'),
    )
    const held = { status: 'holding', holdingSince: START } as const
    expect(said(decideAt(HOUR, plain, held, { evaluation: null }))).toBe(
      [
        'Going on: when there is an evaluation and an audit of this phase, on data not older than 10 min.',
        'An abort: when that has not come in 23 h.',
        'An abort: when the interval of started lies wholly beyond its margin or an arm is worse than 50 % of started or 0.5 of latency.',
      ].join('\n'),
    )
  })

  it('counts a hold from when it was resumed, whenever its extension was', () => {
    const resumed = { status: 'holding', holdingSince: START + 9 * DAY, extendedAt: START + DAY } as const
    expect(said(decideAt(9 * DAY + HOUR, plain, resumed, { evaluation: null }))).toContain(
      'An abort: when that has not come in 23 h.',
    )
  })

  it('is a retry once it is over, and nothing once it has shipped', () => {
    const of = makeExperiment({ ramp: { ...plain.ramp, coolDown: '3h' } })
    const aborted = { status: 'aborted', changedAt: START + HOUR } as const
    expect(said(decideAt(2 * HOUR, of, aborted))).toBe(
      'A retry: when a person orders it, from 2 h on. It opens phase 2, with fresh evidence.',
    )
    expect(said(decideAt(2 * HOUR, of, { status: 'shipped', shippedVariant: 'model' }))).toMatch(/^Nothing/)
  })
})

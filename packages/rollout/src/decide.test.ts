import type {
  AuditReport,
  Comparison,
  Decision,
  Evaluation,
  Experiment,
  FindingCode,
  FindingSeverity,
  RolloutState,
  RolloutStatus,
} from '@fairtrial/protocol'
import fc from 'fast-check'
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
  makeMetric,
} from '../test/fixture.ts'
import { decide } from './decide.ts'
import { startRollout } from './start.ts'

const experiment = makeExperiment()
const START = 1_000_000_000
const DAY = 24 * HOUR

const stateAt = (change: Partial<RolloutState> = {}): RolloutState => ({
  ...startRollout(experiment, { now: START }),
  ...change,
})
const lastStage = stateAt({ stage: 2, trafficPercent: 100 })

/** Decides `after` the start, on evidence of that moment. */
function decideAt(
  after: number,
  given: {
    state?: RolloutState
    evaluation?: Evaluation | null
    audit?: AuditReport | null
    of?: Experiment
  } = {},
): Decision {
  const now = START + after
  const of = given.of ?? experiment
  const {
    state = stateAt(),
    evaluation = makeEvaluation(of, now, 10_000),
    audit = makeAudit(of, now),
  } = given
  return decide({ experiment: of, state, evaluation, audit, now })
}

describe('success', () => {
  it('waits for the time of the stage, then for its units, then advances', () => {
    expect(decideAt(30 * MINUTE)).toMatchObject({ action: 'continue', rule: 'stage-time' })
    const few = makeEvaluation(experiment, START + HOUR, 99)
    expect(decideAt(HOUR, { evaluation: few })).toMatchObject({ action: 'continue', rule: 'stage-units' })
    expect(decideAt(HOUR)).toMatchObject({ action: 'advance', rule: 'stage-complete' })
  })

  it('waits for the units of every arm, and says which arm is short', () => {
    const units = { control: 10_000, model: 99 }
    const decision = decideAt(HOUR, { evaluation: { ...makeEvaluation(experiment, START + HOUR, 0), units } })
    expect(decision.rule).toBe('stage-units')
    expect(decision.reasons).toEqual(['model has 99 units of the 100 that stage 1 asks of each arm.'])
  })

  it('ships at the last stage, where the primary is better', () => {
    expect(decideAt(DAY, { state: lastStage })).toMatchObject({
      action: 'ship',
      rule: 'plan-success',
      shipVariant: 'model',
    })
  })

  it('waits for the plan while the primary is open, and stops at the horizon', () => {
    const open = (now: number): Evaluation =>
      makeEvaluation(experiment, now, 10_000, { watched: 'unknown', started: 'ok', latency: 'ok' })
    const state = lastStage
    expect(decideAt(DAY, { state, evaluation: open(START + DAY) })).toMatchObject({
      action: 'continue',
      rule: 'awaiting-plan',
    })
    expect(decideAt(14 * DAY, { state, evaluation: open(START + 14 * DAY) })).toMatchObject({
      action: 'stop',
      rule: 'plan-end',
    })
  })

  it('stops at the horizon on an early stage that never gets its units', () => {
    const few = makeEvaluation(experiment, START + 14 * DAY, 5)
    expect(decideAt(14 * DAY, { evaluation: few })).toMatchObject({ action: 'stop', rule: 'plan-end' })
  })

  it('does not ship a treatment that is better on one primary only', () => {
    const of = makeExperiment({
      metrics: {
        ...experiment.metrics,
        finished: makeMetric('finished', 'proportion', 'primary', 'increase'),
      },
    })
    const verdicts = { watched: 'better', finished: 'unknown', started: 'ok', latency: 'ok' } as const
    const evaluation = makeEvaluation(of, START + DAY, 10_000, verdicts)
    expect(decideAt(DAY, { of, state: lastStage, evaluation }).rule).toBe('awaiting-plan')
    const both = makeEvaluation(of, START + DAY, 10_000, { ...verdicts, finished: 'better' })
    expect(decideAt(DAY, { of, state: lastStage, evaluation: both }).shipVariant).toBe('model')
  })

  it('ships the treatment with the larger effect on the primary', () => {
    const of = makeExperiment({ variants: [...experiment.variants, { name: 'bigger', weight: 1 }] })
    const evaluation = makeEvaluation(of, START + DAY, 10_000)
    const watched = evaluation.metrics['watched']!
    const bigger = { ...watched.comparisons['bigger']!, effect: { absolute: 0.07, relative: 0.1 } }
    const metrics = {
      ...evaluation.metrics,
      watched: { ...watched, comparisons: { ...watched.comparisons, bigger } },
    }
    expect(decideAt(DAY, { of, state: lastStage, evaluation: { ...evaluation, metrics } }).shipVariant).toBe(
      'bigger',
    )
  })
})

describe('harm', () => {
  const breach = (now: number): Evaluation =>
    makeEvaluation(experiment, now, 10_000, { watched: 'better', started: 'breach', latency: 'ok' })

  it.each(['running', 'holding'] as const)('aborts on a breach while %s', (status) => {
    const state = stateAt({ status, holdingSince: status === 'holding' ? START : null })
    const decision = decideAt(MINUTE, { state, evaluation: breach(START + MINUTE) })
    expect(decision).toMatchObject({ action: 'abort', rule: 'guardrail-breach' })
    expect(decision.reasons[0]).toContain('started is breach')
  })

  it('aborts on a breach while the audit is broken, absent, or the data are stale', () => {
    const broken = makeAudit(experiment, START, [makeFinding('sample-ratio', 'broken')])
    for (const audit of [broken, null]) {
      expect(decideAt(3 * HOUR, { evaluation: breach(START), audit }).action).toBe('abort')
    }
  })

  it('takes no harm from the evidence of another phase', () => {
    const evaluation = { ...breach(START + MINUTE), phase: 2 }
    expect(decideAt(MINUTE, { evaluation })).toMatchObject({ action: 'hold', rule: 'missing-evidence' })
  })

  it('FAULTS 60: twelve bad units in the first minute abort by the hard limit, while the interval says unknown', () => {
    const now = START + MINUTE
    const evaluation = makeEvaluation(experiment, now, 12, {
      watched: 'unknown',
      started: 'unknown',
      latency: 'unknown',
    })
    const hardLimit = { breached: true, mean: 0.08, worst: 0.5, units: 12 }
    const started = {
      ...evaluation.metrics['started']!,
      comparisons: { model: makeComparison(experiment, 'started', 'unknown', hardLimit) },
    }
    const gated = decide({ experiment, state: stateAt(), evaluation, audit: makeAudit(experiment, now), now })
    expect(gated).toMatchObject({ action: 'continue', rule: 'stage-time' })
    const decision = decideAt(MINUTE, {
      evaluation: { ...evaluation, metrics: { ...evaluation.metrics, started } },
    })
    expect(decision).toMatchObject({ action: 'abort', rule: 'hard-limit' })
    expect(decision.reasons[0]).toContain('model stands at 0.08 over 12 units; 0.5 is the worst allowed')
    expect(decision.reasons[1]).toContain('started is unknown')
  })
})

describe('doubt', () => {
  it('FAULTS 61: a broken audit is not promoted past, and its findings are the reasons', () => {
    const audit = makeAudit(experiment, START + HOUR, [makeFinding('sample-ratio', 'broken')])
    const decision = decideAt(HOUR, { audit })
    expect(decision).toMatchObject({ action: 'hold', rule: 'audit-broken' })
    expect(decision.reasons).toContain('sample-ratio was found. Mend it.')
  })

  it('advances on a caution, and tells it', () => {
    const audit = makeAudit(experiment, START + HOUR, [makeFinding('crossover', 'caution')])
    const decision = decideAt(HOUR, { audit })
    expect(decision.action).toBe('advance')
    expect(decision.reasons).toContain('Caution from the audit: crossover was found.')
  })

  it.each([
    ['no evaluation', { evaluation: null }],
    ['no audit', { audit: null }],
    ['an old evaluation', { evaluation: makeEvaluation(experiment, START + HOUR - 11 * MINUTE, 10_000) }],
    ['an old audit', { audit: makeAudit(experiment, START + HOUR - 11 * MINUTE) }],
    ['stale data', { audit: makeAudit(experiment, START + HOUR, [makeFinding('stale-data', 'caution')]) }],
    ['no data', { audit: makeAudit(experiment, START + HOUR, [makeFinding('no-data', 'caution')]) }],
  ])('holds on %s', (_name, given) => {
    expect(decideAt(HOUR, given)).toMatchObject({ action: 'hold', rule: 'missing-evidence' })
  })

  it('FAULTS 43: a young phase without events waits, and does not hold; nor does it pass', () => {
    const of = makeExperiment({
      ramp: { stages: [{ trafficPercent: 1, holdFor: '0s', minimumUnits: 0 }] },
      guardrails: [],
    })
    const audit = makeAudit(of, START + MINUTE, [makeFinding('no-data', 'caution')])
    expect(decideAt(MINUTE, { of, audit, evaluation: makeEvaluation(of, START + MINUTE, 0) })).toMatchObject({
      action: 'continue',
      rule: 'stage-units',
    })
  })

  it('holds on a guardrail that is unknown once time and units are met', () => {
    const verdicts = { watched: 'better', started: 'unknown', latency: 'ok' } as const
    const evaluation = makeEvaluation(experiment, START + HOUR, 10_000, verdicts)
    expect(decideAt(HOUR, { evaluation })).toMatchObject({ action: 'hold', rule: 'guardrail-unknown' })
  })

  it('takes a guardrail that the evaluation forgot for an unknown one', () => {
    const evaluation = makeEvaluation(experiment, START + HOUR, 10_000, { watched: 'better', started: 'ok' })
    expect(decideAt(HOUR, { evaluation })).toMatchObject({ action: 'hold', rule: 'guardrail-unknown' })
  })

  it('holds on a breach whose action is hold', () => {
    const verdicts = { watched: 'better', started: 'ok', latency: 'breach' } as const
    const evaluation = makeEvaluation(experiment, START + MINUTE, 10_000, verdicts)
    expect(decideAt(MINUTE, { evaluation })).toMatchObject({ action: 'hold', rule: 'guardrail-hold' })
  })

  it('tells a breach whose action is alert, and goes on', () => {
    const of = makeExperiment({
      guardrails: [makeGuardrail('started', 'abort'), makeGuardrail('latency', 'alert')],
    })
    const verdicts = { watched: 'better', started: 'ok', latency: 'breach' } as const
    const decision = decideAt(HOUR, { of, evaluation: makeEvaluation(of, START + HOUR, 10_000, verdicts) })
    expect(decision.action).toBe('advance')
    expect(decision.reasons.at(-1)).toMatch(/^Alert only\. Guardrail latency/)
  })

  it('aborts when doubt has held for the longest time allowed, and not when the doubt is over by then', () => {
    const state = stateAt({ status: 'holding', holdingSince: START + HOUR })
    expect(decideAt(25 * HOUR - 1, { state, evaluation: null }).action).toBe('hold')
    expect(decideAt(25 * HOUR, { state, evaluation: null })).toMatchObject({
      action: 'abort',
      rule: 'hold-expired',
    })
    expect(decideAt(25 * HOUR, { state }).action).toBe('advance')
  })
})

const ABSENCES: ReadonlySet<FindingCode> = new Set(['no-data', 'stale-data', 'no-traffic'])

describe('over arbitrary evidence', () => {
  // Mostly sound evidence, so that the rules of success are reached as well as those of doubt.
  const mostly = <T>(sound: T, otherwise: fc.Arbitrary<T>): fc.Arbitrary<T> =>
    fc.oneof({ weight: 5, arbitrary: fc.constant(sound) }, { weight: 1, arbitrary: otherwise })
  const verdict = fc.constantFrom<Comparison['verdict'][]>('breach', 'ok', 'better', 'worse', 'unknown')
  const number = fc.oneof(fc.nat(20_000), fc.constantFrom(Number.NaN, Infinity, -1))
  const age = fc.option(fc.integer({ min: -2 * DAY, max: 2 * DAY }))
  const code = fc.constantFrom<FindingCode[]>(
    'no-data',
    'stale-data',
    'no-traffic',
    'sample-ratio',
    'late-events',
  )
  const severity = fc.constantFrom<FindingSeverity[]>('note', 'caution', 'broken')
  const evidence = fc.record({
    elapsed: fc.oneof(fc.nat(20 * DAY), fc.integer({ min: -DAY, max: DAY })),
    stage: fc.nat(2),
    status: mostly<RolloutStatus>('running', fc.constantFrom('holding', 'aborted', 'shipped', 'stopped')),
    heldFor: fc.option(fc.nat(2 * DAY)),
    verdicts: fc.record(
      { watched: mostly('better', verdict), started: mostly('ok', verdict), latency: mostly('ok', verdict) },
      { requiredKeys: [] },
    ),
    units: mostly(10_000, number),
    evaluationAge: mostly<number | null>(0, age),
    auditAge: mostly<number | null>(0, age),
    findings: mostly<[FindingCode, FindingSeverity][]>(
      [],
      fc.array(fc.tuple(code, severity), { maxLength: 2 }),
    ),
    hardLimit: mostly<boolean | null>(null, fc.boolean()),
    phase: mostly(1, fc.nat(3)),
  })

  function given(value: typeof evidence extends fc.Arbitrary<infer T> ? T : never) {
    const now = START + value.elapsed
    const state = stateAt({
      status: value.status,
      stage: value.stage,
      holdingSince: value.heldFor === null ? null : now - value.heldFor,
    })
    const built = makeEvaluation(experiment, now - (value.evaluationAge ?? 0), value.units, value.verdicts)
    const started = built.metrics['started']
    const limit = { breached: value.hardLimit === true, mean: 0.1, worst: 0.5, units: 12 }
    const verdictOfStarted = value.verdicts.started ?? 'unknown'
    const metrics =
      started === undefined || value.hardLimit === null
        ? built.metrics
        : {
            ...built.metrics,
            started: {
              ...started,
              comparisons: { model: makeComparison(experiment, 'started', verdictOfStarted, limit) },
            },
          }
    const evaluation = value.evaluationAge === null ? null : { ...built, metrics, phase: value.phase }
    const findings = value.findings.map(([c, s]) => makeFinding(c, s))
    const audit = value.auditAge === null ? null : makeAudit(experiment, now - value.auditAge, findings)
    return { experiment, state, evaluation, audit, now }
  }

  it('FAULTS 61: nothing leads from missing evidence to advance or ship', () => {
    let passed = 0
    fc.assert(
      fc.property(evidence, (value) => {
        const look = given(value)
        const { action } = decide(look)
        if (action !== 'advance' && action !== 'ship') return
        passed++
        const { evaluation, audit, state, now } = look
        expect(['running', 'holding']).toContain(state.status)
        expect(evaluation?.phase).toBe(state.phase)
        expect(Math.abs(now - (evaluation?.asOf ?? Infinity))).toBeLessThanOrEqual(10 * MINUTE)
        expect(Math.abs(now - (audit?.asOf ?? Infinity))).toBeLessThanOrEqual(10 * MINUTE)
        expect(audit?.verdict).not.toBe('broken')
        expect(audit?.findings.some(({ code: c, severity: s }) => s !== 'note' && ABSENCES.has(c))).toBe(
          false,
        )
        for (const name of ['control', 'model']) {
          expect(evaluation?.units[name]).toBeGreaterThanOrEqual(
            experiment.ramp.stages[state.stage]!.minimumUnits,
          )
        }
        for (const metric of ['started', 'latency']) {
          expect(evaluation?.metrics[metric]?.comparisons['model']?.guardrail?.verdict).toBe('ok')
        }
        if (action === 'ship')
          expect(evaluation?.metrics['watched']?.comparisons['model']?.verdict).toBe('better')
      }),
      { numRuns: 20_000, seed: 7 },
    )
    expect(passed).toBeGreaterThan(50)
  })

  it('harm of the phase in hand always aborts while treatment is served', () => {
    fc.assert(
      fc.property(evidence, (value) => {
        const look = given(value)
        const { evaluation, state } = look
        const guardrail = evaluation?.metrics['started']?.comparisons['model']?.guardrail
        const isHarm = guardrail?.verdict === 'breach' || guardrail?.hardLimit?.breached === true
        if (!isHarm || evaluation?.phase !== state.phase || !['running', 'holding'].includes(state.status))
          return
        expect(decide(look).action).toBe('abort')
      }),
      { numRuns: 5_000, seed: 11 },
    )
  })

  it('a phase that is over stays over, and every decision gives a reason', () => {
    fc.assert(
      fc.property(evidence, (value) => {
        const look = given(value)
        const decision = decide(look)
        expect(decision.reasons[0]?.length).toBeGreaterThan(0)
        const isOver = ['aborted', 'shipped', 'stopped'].includes(look.state.status)
        expect(decision.rule === 'finished').toBe(isOver)
        expect(JSON.parse(JSON.stringify(decision.evidence)).stage).toBe(look.state.stage)
      }),
      { numRuns: 2_000, seed: 13 },
    )
  })
})

import type {
  AuditReport,
  Comparison,
  Decision,
  Evaluation,
  Experiment,
  RolloutState,
} from '@fairtrial/protocol'
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

  it('says where the effect lies, of rare events where the relative one does', () => {
    const evaluation = makeEvaluation(experiment, START + DAY, 10_000)
    const { watched } = evaluation.metrics
    const comparison = watched!.comparisons['model']!
    const notEstimable = { code: 'not-applicable', detail: 'rare events bound no difference' } as const
    const interval = { ...comparison.interval, absolute: { notEstimable } }
    const rare = { ...watched!, comparisons: { model: { ...comparison, interval } } }
    const reasonsOf = (of: Evaluation) =>
      decideAt(DAY, { state: lastStage, evaluation: of }).reasons.join(' ')
    expect(reasonsOf(evaluation)).toMatch(/the difference lies between 0\.01\b.* and 0\.05\b/)
    expect(reasonsOf({ ...evaluation, metrics: { ...evaluation.metrics, watched: rare } })).toContain(
      'better; the relative effect lies between 2 % and 10 % (95 % interval)',
    )
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

  it('stops when the looks of the plan are over without a winner, and not before', () => {
    const open = makeEvaluation(experiment, START + DAY, 10_000, {
      watched: 'unknown',
      started: 'ok',
      latency: 'ok',
    })
    const { watched } = open.metrics
    const withLook = (
      verdict: 'better' | 'worse' | 'unknown',
      nextAt: number | null,
      kind: 'done' | 'chosen' | 'glance' = nextAt === null ? 'done' : 'glance',
    ): Evaluation => ({
      ...open,
      metrics: {
        ...open.metrics,
        watched: {
          ...watched!,
          comparisons: {
            model: {
              ...watched!.comparisons['model']!,
              verdict,
              look: {
                kind,
                taken: 4,
                informationFraction: 0.9,
                nextAt,
                boundary: null,
                alphaSpent: 0.03,
                alpha: 0.05,
              },
            },
          },
        },
      },
    })
    const decided = (evaluation: Evaluation) => decideAt(DAY, { state: lastStage, evaluation })
    expect(decided(withLook('unknown', 1))).toMatchObject({ action: 'continue', rule: 'awaiting-plan' })
    // Once somebody has chosen a look, the confidence sequence goes on.
    expect(decided(withLook('unknown', null, 'chosen'))).toMatchObject({ rule: 'awaiting-plan' })
    expect(decided(withLook('better', null))).toMatchObject({ action: 'ship', rule: 'plan-success' })
    for (const verdict of ['unknown', 'worse'] as const) {
      const lost = withLook(verdict, null)
      // At an earlier stage too: more traffic would not make a winner of it.
      for (const state of [stateAt({}), lastStage]) {
        expect(decideAt(DAY, { state, evaluation: lost })).toMatchObject({
          action: 'stop',
          rule: 'plan-end',
          reasons: ['The looks of the plan are over, without a result to ship.', expect.any(String)],
        })
      }
    }
  })

  it('stops at the horizon on an early stage that never gets its units', () => {
    const few = makeEvaluation(experiment, START + 14 * DAY, 5)
    expect(decideAt(14 * DAY, { evaluation: few })).toMatchObject({ action: 'stop', rule: 'plan-end' })
  })

  it('ships what is better on one of its primaries and worse on nothing, and else says what is worse', () => {
    const of = makeExperiment({
      metrics: {
        ...experiment.metrics,
        finished: makeMetric('finished', 'proportion', 'primary', 'increase'),
        skipped: makeMetric('skipped', 'proportion', 'secondary', 'decrease'),
      },
    })
    const decided = (verdicts: { [metric: string]: Comparison['verdict'] }, state = lastStage) => {
      const told = { watched: 'better', started: 'ok', latency: 'ok', ...verdicts } as const
      return decideAt(DAY, { of, state, evaluation: makeEvaluation(of, START + DAY, 10_000, told) })
    }
    expect(decided({ finished: 'unknown', skipped: 'unknown' }).shipVariant).toBe('model')
    for (const worse of ['finished', 'skipped']) {
      const decision = decided({ finished: 'unknown', [worse]: 'worse' })
      expect(decision).toMatchObject({ action: 'continue', rule: 'deterioration' })
      expect(decision.reasons[1]).toMatch(
        new RegExp(`(Primary|Secondary) ${worse}, model: worse; the difference`),
      )
      // More traffic would not help what is worse.
      expect(decided({ [worse]: 'worse' }, stateAt({})).rule).toBe('deterioration')
    }
  })

  it('waits for a treatment that is worse on nothing, whatever another one is', () => {
    const of = makeExperiment({ variants: [...experiment.variants, { name: 'bigger', weight: 1 }] })
    const verdicts = { watched: 'worse', started: 'ok', latency: 'ok' } as const
    const evaluation = makeEvaluation(of, START + DAY, 10_000, verdicts)
    const watched = evaluation.metrics['watched']!
    const open = { ...watched.comparisons['bigger']!, verdict: 'unknown' as const }
    const comparisons = { ...watched.comparisons, bigger: open }
    const metrics = { ...evaluation.metrics, watched: { ...watched, comparisons } }
    const decided = (state: RolloutState, seen: Evaluation) =>
      decideAt(DAY, { of, state, evaluation: seen }).rule
    expect(decided(lastStage, { ...evaluation, metrics })).toBe('awaiting-plan')
    expect(decided(stateAt(), { ...evaluation, metrics })).toBe('stage-complete')
    for (const state of [lastStage, stateAt()]) expect(decided(state, evaluation)).toBe('deterioration')
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

  it('FAULTS 54: aborts on an older breach while the audit is broken, absent, or the data are stale', () => {
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
    expect(decision.reasons[0]).toContain('model stands at 8 % over 12 units; the worst allowed is 50 %.')
    expect(decision.reasons[1]).toContain('started is unknown')
  })
})

describe('evidence', () => {
  it('holds the numbers that the reasons speak of', () => {
    const { evidence } = decideAt(HOUR)
    expect(evidence).toMatchObject({
      stage: 0,
      stageLastedMs: HOUR,
      units: { control: 10_000, model: 10_000 },
      audit: { verdict: 'trusted', findings: [] },
    })
    const started = {
      metric: 'started',
      variant: 'model',
      action: 'abort',
      verdict: 'ok',
      hardLimitBreached: false,
    }
    expect(evidence['guardrails']).toContainEqual({ ...started, interval: [0.01, 0.05] })
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

  it('tells what is missing once', () => {
    const audit = makeAudit(experiment, START + HOUR, [makeFinding('stale-data', 'caution')])
    expect(decideAt(HOUR, { audit }).reasons).toEqual(['stale-data was found.'])
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

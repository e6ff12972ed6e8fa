import type { Comparison, FindingCode, FindingSeverity, RolloutStatus } from '@fairtrial/protocol'
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
} from '../test/fixture.ts'
import { decide } from './decide.ts'
import { startRollout } from './start.ts'

const experiment = makeExperiment()
const START = 1_000_000_000
const DAY = 24 * HOUR
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
    status: mostly<RolloutStatus>(
      'running',
      fc.constantFrom('holding', 'baking', 'aborted', 'shipped', 'stopped'),
    ),
    heldBy: mostly<string | null>(null, fc.constant('ada')),
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
    const state = {
      ...startRollout(experiment, { now: START }),
      status: value.status,
      stage: value.stage,
      heldBy: value.heldBy,
      shippedVariant: value.status === 'baking' ? 'model' : null,
      holdingSince: value.heldFor === null ? null : now - value.heldFor,
    }
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
        expect(['running', 'holding', 'baking']).toContain(state.status)
        expect(state.heldBy).toBeNull()
        expect(evaluation?.phase).toBe(state.phase)
        expect(Math.abs(now - (evaluation?.asOf ?? Infinity))).toBeLessThanOrEqual(10 * MINUTE)
        expect(Math.abs(now - (audit?.asOf ?? Infinity))).toBeLessThanOrEqual(10 * MINUTE)
        expect(audit?.verdict).not.toBe('broken')
        expect(audit?.findings.some(({ code: c, severity: s }) => s !== 'note' && ABSENCES.has(c))).toBe(
          false,
        )
        for (const name of state.status === 'baking' ? [] : ['control', 'model']) {
          expect(evaluation?.units[name]).toBeGreaterThanOrEqual(
            experiment.ramp.stages[state.stage]!.minimumUnits,
          )
        }
        for (const metric of ['started', 'latency']) {
          expect(evaluation?.metrics[metric]?.comparisons['model']?.guardrail?.verdict).toBe('ok')
        }
        if (action === 'ship' && state.status !== 'baking')
          expect(evaluation?.metrics['watched']?.comparisons['model']?.verdict).toBe('better')
      }),
      { numRuns: 20_000, seed: 7 },
    )
    expect(passed).toBeGreaterThan(50)
  })

  it('FAULTS 54: half a log advances, ships, stops and looks for nothing, and aborts by believed harm alone', () => {
    const seen = new Set<string>()
    const lacks = fc.subarray(['exposures', 'outcomes', 'measurements'] as const)
    fc.assert(
      fc.property(evidence, lacks, (value, lacking) => {
        const look = { ...given(value), incomplete: { detail: 'outcomes lag.', lacks: lacking } }
        const { action, rule } = decide(look)
        seen.add(rule)
        if (['aborted', 'shipped', 'stopped'].includes(look.state.status)) return
        expect(['hold', 'abort']).toContain(action)
        expect([
          'missing-evidence',
          'operator-hold',
          'hold-expired',
          'hard-limit',
          'guardrail-breach',
        ]).toContain(rule)
        // Of a metric that should increase, and of intervals, nothing is believed without what it needs.
        if (lacking.some((kind) => kind !== 'measurements')) {
          expect(['hard-limit', 'guardrail-breach']).not.toContain(rule)
        }
      }),
      { numRuns: 5_000, seed: 13 },
    )
    expect([...seen]).toEqual(expect.arrayContaining(['missing-evidence', 'hard-limit', 'guardrail-breach']))
  })

  it('harm of the phase in hand always aborts while treatment is served', () => {
    fc.assert(
      fc.property(evidence, (value) => {
        const look = given(value)
        const { evaluation, state } = look
        const guardrail = evaluation?.metrics['started']?.comparisons['model']?.guardrail
        const isHarm = guardrail?.verdict === 'breach' || guardrail?.hardLimit?.breached === true
        if (
          !isHarm ||
          evaluation?.phase !== state.phase ||
          !['running', 'holding', 'baking'].includes(state.status)
        )
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

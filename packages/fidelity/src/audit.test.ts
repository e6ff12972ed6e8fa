import { defineExperiment } from '@fairtrial/protocol'
import type { AuditReport, ExposureEvent, Finding, FindingCode, LogEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import {
  definition,
  experiment,
  isExposure,
  isOutcome,
  MINUTE,
  START,
  seeded,
  syntheticLog,
} from '../test/synthetic-log.ts'
import { audit, auditReport } from './report.ts'
import { createAudit, foldAudit } from './audit.ts'

const asOf = START + 31 * MINUTE
const check = (
  events: readonly LogEvent[],
  options: { phase?: number; unreadableLines?: number; asOf?: number } = {},
) => audit(experiment, events, { asOf, ...options })
const codes = (report: AuditReport) => report.findings.map(({ code }) => code)
const found = (report: AuditReport, code: FindingCode): Finding | undefined =>
  report.findings.find((finding) => finding.code === code)

/** Changes the exposures for which `when` holds. */
const alter = (
  events: readonly LogEvent[],
  change: Partial<ExposureEvent>,
  when: (event: ExposureEvent, i: number) => boolean,
) => events.map((event, i) => (isExposure(event) && when(event, i) ? { ...event, ...change } : event))

describe('a clean log', () => {
  it('is trusted, with everything counted', () => {
    const events = syntheticLog()
    const report = check(events)
    expect(report).toMatchObject({ verdict: 'trusted', findings: [], experiment: 'ranking', asOf })
    expect(report.counts).toEqual({
      exposures: 2_000,
      uniqueExposures: 2_000,
      outcomes: events.filter(isOutcome).length,
      replayed: 2_000,
      replayMismatches: 0,
      producers: 3,
      missingEvents: 0,
    })
  })

  it('gives the same report in portions, in any order', () => {
    const events = syntheticLog({ units: 500 })
    const random = seeded(5)
    const shuffled = events.map((event) => ({ event, at: random() })).toSorted((a, b) => a.at - b.at)
    const folded = createAudit(experiment)
    for (let i = 0; i < shuffled.length; i += 37)
      foldAudit(
        folded,
        shuffled.slice(i, i + 37).map(({ event }) => event),
      )
    expect(auditReport(folded, { asOf })).toEqual(check(events))
  })

  it('raises no alarm in 200 of them but the few cautions that their tests allow', () => {
    let cautions = 0
    for (let seed = 1; seed <= 200; seed++) {
      const report = check(syntheticLog({ seed, units: 600 }))
      expect(report.verdict).not.toBe('broken')
      if (report.verdict === 'caution') cautions++
    }
    // 200 × (0.01 for the sample ratio + 0.001 for the join): 2.2 expected, at most.
    expect(cautions).toBeLessThanOrEqual(6)
  })

  it('says that eligibility cannot be replayed, and is trusted all the same', () => {
    const of = defineExperiment({ ...definition, eligibility: { attribute: 'plan', equals: 'premium' } })
    const loggedAs = alter(syntheticLog({ of: experiment }), { fingerprint: of.fingerprint }, () => true)
    const report = audit(of, loggedAs, { asOf })
    expect(report.verdict).toBe('trusted')
    expect(codes(report)).toEqual(['not-checked'])
  })
})

describe('sample ratio', () => {
  it('FAULTS 45: two per cent of one arm lost in logging breaks the audit, with the size told', () => {
    const events = syntheticLog({ units: 400_000, seed: 3, loss: { model: 0.02 }, outcomes: false })
    const report = check(events)
    const finding = found(report, 'sample-ratio')
    expect(report.verdict).toBe('broken')
    expect(report.sampleRatio?.anytimePValue).toBeLessThan(0.001)
    expect(finding?.severity).toBe('broken')
    const { control, model } = report.sampleRatio?.observed as { control: number; model: number }
    expect(model / control).toBeLessThan(0.99)
    expect(finding?.detail).toContain(`model has ${model.toLocaleString('en-US')} units`)
    expect(finding?.evidence['largestDeviation']).toBeCloseTo(
      Math.abs(model - control) / (model + control),
      9,
    )
  })

  it('FAULTS 45: one arm losing fifteen per cent is found in a few thousand units', () => {
    expect(
      found(check(syntheticLog({ units: 8_000, loss: { model: 0.15 } })), 'sample-ratio')?.severity,
    ).toBe('broken')
  })

  it('multiplies phases into one test: what neither shows alone, both together show', () => {
    const phase = (number: number, seed: number) =>
      syntheticLog({ units: 4_000, seed, phase: number, loss: { model: 0.13 } })
    const [one, two] = [phase(1, 21), phase(2, 22)]
    const alone = [check(one, { phase: 1 }), check(two, { phase: 2 })].map(
      (report) => report.sampleRatio?.logBayesFactor ?? 0,
    )
    const together = check([...one, ...two], { phase: 2 })
    expect(together.sampleRatio?.logBayesFactor).toBeCloseTo(alone[0]! + alone[1]!, 9)
    expect(together.sampleRatio?.observed).toEqual(check(two, { phase: 2 }).sampleRatio?.observed)
  })

  it('takes the counts of earlier phases under other definitions into the test', () => {
    const folded = createAudit(experiment, { phase: 2 })
    foldAudit(folded, syntheticLog({ phase: 2 }))
    const alone = auditReport(folded, { asOf })
    const after = auditReport(folded, { asOf, phases: [{ counts: [9_000, 1_500], weights: [9, 1] }] })
    expect(alone.verdict).toBe('trusted')
    expect(after.verdict).toBe('broken')
  })
})

describe('loss', () => {
  it('counts gaps for each producer, and breaks above what is tolerated', () => {
    const events = syntheticLog()
    const few = events.filter((_, i) => i !== 100)
    expect(found(check(few), 'sequence-gap')).toMatchObject({ severity: 'caution', evidence: { missing: 1 } })
    const many = events.filter((_, i) => i % 40 !== 0 || i === 0)
    const report = check(many)
    expect(found(report, 'sequence-gap')?.severity).toBe('broken')
    expect(report.counts.missingEvents).toBe(events.length - many.length)
  })

  it('takes a gap back when the event arrives after all', () => {
    const events = syntheticLog({ units: 100 })
    const folded = createAudit(experiment)
    foldAudit(
      folded,
      events.filter((_, i) => i !== 20),
    )
    expect(auditReport(folded, { asOf }).counts.missingEvents).toBe(1)
    foldAudit(folded, [events[20]!])
    expect(auditReport(folded, { asOf })).toMatchObject({ verdict: 'trusted', counts: { missingEvents: 0 } })
  })

  it('tells lines that could not be read', () => {
    expect(found(check(syntheticLog(), { unreadableLines: 1 }), 'unreadable-lines')?.severity).toBe('caution')
    expect(found(check(syntheticLog(), { unreadableLines: 500 }), 'unreadable-lines')?.severity).toBe(
      'broken',
    )
  })
})

describe('replay', () => {
  it.each([
    ['arm', { variant: 'model' }],
    ['bucket', { bucket: 17 }],
    ['seed', { seed: 99 }],
    ['unit type', { unitType: 'device' }],
  ])('finds an exposure with another %s than its unit has', (_what, change) => {
    const events = alter(syntheticLog(), change, (event, i) => i < 300 && event.variant === 'control')
    const report = check(events)
    expect(found(report, 'replay-mismatch')?.severity).toBe('broken')
    expect(report.counts.replayMismatches).toBeGreaterThan(50)
  })

  it('finds a single one, and cautions', () => {
    const report = check(alter(syntheticLog(), { bucket: 17 }, (_, i) => i === 0))
    expect(report.verdict).toBe('caution')
    expect(found(report, 'replay-mismatch')?.evidence).toMatchObject({
      found: 1,
      of: 2_000,
      examples: ['viewer-1-0'],
    })
  })

  it('finds leaks: exposures of units that layer, holdout or traffic leave out', () => {
    const half = [
      { trafficPercent: 1, holdFor: '1h', minimumUnits: 1 },
      { trafficPercent: 50, holdFor: '1h', minimumUnits: 1 },
    ] as const
    for (const change of [
      { layer: { name: 'home', fromPercent: 0, toPercent: 50 } },
      { holdout: { name: 'all', percent: 25 } },
      { ramp: { stages: half } },
    ]) {
      const of = defineExperiment({ ...definition, ...change })
      const report = audit(
        of,
        alter(syntheticLog(), { fingerprint: of.fingerprint }, () => true),
        { asOf },
      )
      const finding = found(report, 'leak')
      expect(finding?.severity).toBe('broken')
      expect(Number(finding?.evidence['share'])).toBeGreaterThan(0.4)
      expect(Number(finding?.evidence['share'])).toBeLessThan(0.6)
    }
  })

  it('finds variants that do not exist', () => {
    const report = check(alter(syntheticLog(), { variant: 'ghost' }, (_, i) => i < 3))
    expect(found(report, 'unknown-variant')?.evidence).toMatchObject({ examples: ['ghost'] })
  })

  it('FAULTS 7: finds exposures of another definition mixed in, and takes an earlier phase for history', () => {
    const other = { fingerprint: 'f'.repeat(64) }
    const mixed = alter(syntheticLog(), other, (_, i) => i % 10 === 0)
    expect(found(check(mixed, { phase: 1 }), 'foreign-definition')?.severity).toBe('broken')
    const history = alter(syntheticLog({ seed: 2 }), other, () => true)
    const report = check([...history, ...syntheticLog({ phase: 2 })], { phase: 2 })
    expect(report).toMatchObject({ verdict: 'trusted', counts: { exposures: 2_000 } })
  })
})

describe('units in two arms', () => {
  const crossing = (events: readonly LogEvent[], every: number, only?: string): LogEvent[] => [
    ...events,
    ...events
      .filter(isExposure)
      .filter((event, i) => i % every === 0 && (only === undefined || event.variant === only))
      .map((event, i) => ({
        ...event,
        variant: event.variant === 'control' ? 'model' : 'control',
        exposedAt: event.exposedAt + 1_000,
        producerId: 'crossing',
        sequence: i + 1,
      })),
  ]

  it('FAULTS 46: are counted where they were first, told below one per cent, and break the audit above', () => {
    const few = check(crossing(syntheticLog(), 500))
    expect(found(few, 'crossover')).toMatchObject({ severity: 'note', evidence: { crossed: 4 } })
    expect(few.sampleRatio?.observed).toEqual(check(syntheticLog()).sampleRatio?.observed)
    expect(found(check(crossing(syntheticLog(), 50)), 'crossover')?.severity).toBe('broken')
  })

  it('FAULTS 46: are told when one arm has more of them', () => {
    expect(codes(check(crossing(syntheticLog({ units: 6_000 }), 30)))).not.toContain('crossover-imbalance')
    const report = check(crossing(syntheticLog({ units: 6_000 }), 30, 'control'))
    expect(found(report, 'crossover-imbalance')?.detail).toContain('model 0 %')
  })

  it('count each repeated exposure, and trust the log', () => {
    const events = syntheticLog()
    const again = events
      .filter(isExposure)
      .slice(0, 50)
      .map((event, i) => ({ ...event, producerId: 'again', sequence: i + 1 }))
    const report = check([...events, ...again])
    expect(report.verdict).toBe('trusted')
    expect(found(report, 'repeated-exposures')?.evidence).toMatchObject({ repeated: 50 })
    expect(report.counts).toMatchObject({ exposures: 2_050, uniqueExposures: 2_000, replayed: 2_000 })
  })
})

describe('freshness', () => {
  it('FAULTS 43: a log without events is no data, and no ratio', () => {
    expect(check([])).toMatchObject({
      verdict: 'caution',
      sampleRatio: null,
      findings: [{ code: 'no-data' }],
    })
  })

  it('FAULTS 43: a log without an exposure of this trial is no traffic', () => {
    const outcomes = syntheticLog()
      .filter(isOutcome)
      .map((event, i) => ({ ...event, producerId: 'o', sequence: i + 1 }))
    const report = check(outcomes)
    expect(codes(report)).toEqual(['no-traffic'])
    expect(report.sampleRatio).toBeNull()
  })

  it('tells data older than the guardrails allow', () => {
    expect(codes(check(syntheticLog(), { asOf: START + 39 * MINUTE }))).toEqual([])
    const report = check(syntheticLog(), { asOf: START + 45 * MINUTE })
    expect(report).toMatchObject({ verdict: 'caution', findings: [{ code: 'stale-data' }] })
    expect(report.findings[0]?.detail).toMatch(
      /The newest event is 1\dm old|The newest event is 1\d\.\dm old/,
    )
  })

  it('does not take an event from a clock ahead for a fresh one', () => {
    const ahead = alter(syntheticLog(), { exposedAt: START + 45 * MINUTE }, (_, i) => i === 0)
    const report = check(ahead, { asOf: START + 45 * MINUTE })
    expect(codes(report)).toContain('stale-data')
    expect(found(report, 'clock-skew')?.evidence).toMatchObject({ early: 1 })
  })

  it('tells late events', () => {
    const late = alter(syntheticLog(), { receivedAt: START + 31 * MINUTE }, (_, i) => i < 200)
    expect(found(check(late), 'late-events')?.severity).toBe('caution')
  })

  it('tells exposures that stall while outcomes go on', () => {
    const outcome = syntheticLog().findLast(isOutcome)!
    const later = {
      ...outcome,
      outcomeId: 'later',
      occurredAt: START + 45 * MINUTE,
      receivedAt: START + 45 * MINUTE,
      producerId: 'l',
      sequence: 1,
    }
    const report = check([...syntheticLog(), later], { asOf: START + 45 * MINUTE })
    expect(found(report, 'stale-data')?.severity).toBe('note')
  })
})

describe('join', () => {
  it('tells arms whose units find their outcomes at different rates', () => {
    const events = syntheticLog()
    const arms = new Map(events.filter(isExposure).map((event) => [event.unitId, event.variant]))
    const random = seeded(9)
    const renamed = events.map((event) =>
      isOutcome(event) && arms.get(event.unitId) === 'model' && random() < 0.3
        ? { ...event, unitId: `x-${event.unitId}` }
        : event,
    )
    expect(found(check(renamed), 'join-rate')?.detail).toMatch(/control 7\d(\.\d)? %, model 5\d(\.\d)? %/)
  })

  it('tells when nothing joins', () => {
    const renamed = syntheticLog().map((event) =>
      isOutcome(event) ? { ...event, unitId: `x-${event.unitId}` } : event,
    )
    expect(found(check(renamed), 'join-rate')?.detail).toBe('None of 2,000 exposed units has any outcome.')
  })
})

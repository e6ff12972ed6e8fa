import { defineExperiment } from '@fairtrial/protocol'
import type { LogEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { alter, asOf, check, codes, found } from '../../test/audited.ts'
import {
  definition,
  experiment,
  isExposure,
  isOutcome,
  MINUTE,
  seeded,
  syntheticLog,
} from '../../test/synthetic-log.ts'
import { createAudit, foldAudit } from '../audit.ts'
import { audit, auditReport } from '../report.ts'

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

  it('FEATURES A11: finds exposures from before the start, when the phase enrolled nobody', () => {
    const events = alter(syntheticLog(), { revision: 5 }, (_, i) => i >= 40)
    const early = events.filter((event) => isExposure(event) && event.revision < 5)
    const leaks = (startRevision?: number) => {
      const trace = createAudit(experiment, { phase: 1, ...(startRevision && { startRevision }) })
      foldAudit(trace, events)
      return found(auditReport(trace, { asOf }), 'leak')
    }
    expect(leaks()).toBeUndefined()
    expect(leaks(1)).toBeUndefined()
    expect(leaks(4)?.evidence['found']).toBe(early.length)
    expect(leaks(4)?.detail).toContain('from before the start')
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

  it('FAULTS 46: are counted where they were first by their own time, in whatever order they arrive', () => {
    const events = crossing(syntheticLog(), 50)
    const [forwards, backwards] = [check(events), check(events.toReversed())]
    expect(backwards.sampleRatio).toEqual(forwards.sampleRatio)
    expect(found(backwards, 'crossover')).toEqual(found(forwards, 'crossover'))
    expect(backwards.counts).toMatchObject({ uniqueExposures: forwards.counts.uniqueExposures })
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
    expect(found(check(renamed, { asOf: asOf + 2 * MINUTE }), 'join-rate')?.detail).toBe(
      'None of 2,000 exposed units has any outcome.',
    )
  })

  it('does not take an arm that is slower for one that loses', () => {
    const arms = new Map(
      syntheticLog()
        .filter(isExposure)
        .map((event) => [event.unitId, event.variant]),
    )
    // Whatever the model's units did in the last minute is still to come.
    const events = syntheticLog().filter(
      (event) =>
        isExposure(event) || arms.get(event.unitId) === 'control' || event.occurredAt < asOf - 2 * MINUTE,
    )
    expect(found(check(events), 'join-rate')).toBeUndefined()
  })
})

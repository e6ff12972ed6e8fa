import type { LogEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { asOf, check, codes, found } from '../../test/audited.ts'
import { experiment, isExposure, isOutcome, seeded, syntheticLog } from '../../test/synthetic-log.ts'
import { auditTable } from '../audit-table.ts'
import { createAudit, foldAudit } from '../audit.ts'
import { auditReport } from '../report.ts'

/** A log in which a service writes the ids of every so many outcomes in its own way. */
const rewritten = (every: number, rewrite: (id: string) => string): LogEvent[] =>
  syntheticLog().map((event, i) =>
    isOutcome(event) && i % every === 0 ? { ...event, unitId: rewrite(event.unitId) } : event,
  )

const upper = (id: string) => id.toUpperCase()

describe('ids that look alike', () => {
  it.each([
    ['case', upper, '"VIEWER-1-0" and "viewer-1-0"'],
    ['a space before', (id: string) => ` ${id}`, '" viewer-1-0" and "viewer-1-0"'],
    ['a space behind', (id: string) => `${id} `, '"viewer-1-0" and "viewer-1-0 "'],
  ])('FAULTS 17: are told where they differ by %s, and stay two units', (_what, rewrite, example) => {
    const events = syntheticLog()
    const isFirst = (event: LogEvent) => isOutcome(event) && event.unitId === 'viewer-1-0'
    const one = events.map((event) =>
      isOutcome(event) && isFirst(event) ? { ...event, unitId: rewrite(event.unitId) } : event,
    )
    const report = check(one)
    expect(events.filter(isFirst)).toHaveLength(1)
    expect(found(check(events), 'similar-unit-ids')).toBeUndefined()
    expect(found(report, 'similar-unit-ids')).toMatchObject({
      severity: 'note',
      detail: `1 pair of unit ids differs in nothing but case or spaces at the ends, such as ${example}: 1 unit of 2,000 (0.05 %). Each id is a unit of its own.`,
    })
    expect(report.counts).toMatchObject({ uniqueExposures: 2_000, replayMismatches: 0 })
  })

  it('FAULTS 17: are a caution where more units are concerned than the guardrails let be wrong', () => {
    const report = check(rewritten(20, upper))
    expect(found(report, 'similar-unit-ids')?.severity).toBe('caution')
    expect(report.verdict).toBe('caution')
  })

  it('FAULTS 17: are found among exposures, each replayed as the unit that it is', () => {
    const exposures = syntheticLog({ outcomes: false }).filter(isExposure)
    const twins = exposures.slice(0, 3).map((event, i) => ({
      ...event,
      unitId: upper(event.unitId),
      producerId: 'tv',
      sequence: i + 1,
    }))
    const report = check([...exposures, ...twins])
    expect(found(report, 'similar-unit-ids')?.evidence).toMatchObject({
      pairs: 3,
      concerned: 6,
      units: 2_003,
    })
    // They were logged with the bucket of another id: nobody has made one unit of the two.
    expect(report.counts).toMatchObject({ replayed: 2_003, replayMismatches: 3 })
  })

  it('FAULTS 17: are the same findings whatever the order and the portions of events', () => {
    const ways = [upper, (id: string) => `${id} `, (id: string) => ` ${upper(id)}`]
    const events = [0, 1, 2].flatMap((way) =>
      rewritten(30 + way, ways[way]!).map((event) => ({
        ...event,
        producerId: `${event.producerId}-${way}`,
      })),
    )
    const expected = found(check(events), 'similar-unit-ids')
    expect(Number(expected?.evidence['pairs'])).toBeGreaterThan(Number(expected?.evidence['concerned']))
    for (const seed of [1, 2, 3, 4, 5]) {
      const random = seeded(seed)
      const shuffled = events.map((event) => ({ event, at: random() })).toSorted((a, b) => a.at - b.at)
      const folded = createAudit(experiment)
      for (let i = 0; i < shuffled.length; i += 301) {
        foldAudit(
          folded,
          shuffled.slice(i, i + 301).map(({ event }) => event),
        )
        auditReport(folded, { asOf })
      }
      expect(found(auditReport(folded, { asOf }), 'similar-unit-ids')).toEqual(expected)
    }
  })

  it('FAULTS 17: cost no memory for ids in lower case without spaces, and nothing twice', () => {
    const folded = createAudit(experiment)
    foldAudit(folded, syntheticLog())
    expect(folded.spellings.otherwise.size + folded.spellings.similar.size).toBe(0)
    for (let i = 0; i < 3; i++) foldAudit(folded, rewritten(500, upper))
    expect(folded.spellings.otherwise.size).toBeGreaterThan(0)
    expect(folded.spellings.otherwise.size).toBeLessThanOrEqual(8)
  })

  it('FAULTS 17: of units that have nothing to do with this trial are none of its findings', () => {
    const strangers = ['someone', 'Someone'].map((unitId, i) => ({
      ...syntheticLog().find(isOutcome)!,
      unitId,
      producerId: 'elsewhere',
      sequence: i + 1,
    }))
    expect(codes(check([...syntheticLog(), ...strangers]))).toEqual([])
  })

  it('FAULTS 17: are told by their two ends where they are long', () => {
    const long = `viewer-${'x'.repeat(900)}`
    const { findings } = auditTable(
      experiment,
      { units: { control: 1, model: 1 }, asOf },
      { profile: { unitIds: [long, `${long} `], dimensions: [], covariates: [] } },
    )
    const finding = findings.find(({ code }) => code === 'similar-unit-ids')
    expect(finding?.detail).toContain(
      '"viewer-xxxxxxxxxxxxx…xxxxxxxxxxxxxxxxxxxx" and "viewer-xxxxxxxxxxxxx…xxxxxxxxxxxxxxxxxxx "',
    )
    expect(finding?.severity).toBe('caution')
  })
})

import { describe, expect, it } from 'vitest'
import { alter, check, codes, found } from '../../test/audited.ts'
import { isOutcome, MINUTE, START, syntheticLog } from '../../test/synthetic-log.ts'

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
    expect(report.findings[0]?.detail).toMatch(/The newest event is 1\d(\.\d)? min old/)
  })

  it('does not take an event from a clock ahead for a fresh one', () => {
    const ahead = alter(syntheticLog(), { exposedAt: START + 45 * MINUTE }, (_, i) => i === 0)
    const report = check(ahead, { asOf: START + 45 * MINUTE })
    expect(codes(report)).toContain('stale-data')
    expect(found(report, 'clock-skew')).toMatchObject({
      severity: 'note',
      evidence: { mistimed: 1, producers: [{ histogram: { 'more than 5 min ahead': 1 } }] },
    })
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

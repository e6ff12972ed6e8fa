import type { AuditReport, LogEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { codes, found } from '../../test/audited.ts'
import { END, MINUTE, recordedLog, trial } from '../../test/recorded-log.ts'
import { isExposure, isOutcome } from '../../test/synthetic-log.ts'
import { sum } from '../disparity.ts'
import { audit } from '../report.ts'

const YEAR = 366 * 1_440 * MINUTE
const log = recordedLog({ seed: 3, units: 3_000 })
const check = (events: readonly LogEvent[]) => audit(trial, events, { asOf: END })

/** The same with other times, where `when` holds of the event, or of its place. */
const redated = (to: (at: number) => number, when: (event: LogEvent, i: number) => boolean) =>
  log.map((event, i) => {
    if (!when(event, i)) return event
    if (isExposure(event)) return { ...event, exposedAt: to(event.exposedAt) }
    return isOutcome(event) ? { ...event, occurredAt: to(event.occurredAt) } : event
  })
const longAgo = (at: number) => at - 2 * YEAR

describe('events dated at times that cannot be', () => {
  it('FAULTS 37: are a note where they are few and fall on arms alike', () => {
    const report = check(redated(longAgo, (event, i) => isExposure(event) && i % 450 === 0))
    expect(report.verdict).toBe('trusted')
    expect(found(report, 'clock-skew')).toMatchObject({ severity: 'note', biasesEffect: 'possible' })
  })

  it('FAULTS 37: break the audit where more units are left out than is tolerated', () => {
    const report = check(redated(longAgo, (event) => isExposure(event) && event.producerId === 'service-3-1'))
    const finding = found(report, 'clock-skew')!
    expect(finding).toMatchObject({ severity: 'broken', biasesEffect: 'possible' })
    const { unitsLeftOut, share } = finding.evidence as { unitsLeftOut: number; share: number }
    const unitsOf = ({ sampleRatio }: AuditReport) => sum(Object.values(sampleRatio!.observed))
    const all = unitsOf(check(log))
    expect(all - unitsOf(report)).toBe(unitsLeftOut)
    expect(share).toBeCloseTo(unitsLeftOut / all, 10)
    expect(finding.detail).toContain(`with them ${unitsLeftOut} of ${all.toLocaleString('en-US')} units (`)
    expect(finding.detail).toContain('most by service-3-1')
  })

  it('FAULTS 37: break it where only outcomes are left out', () => {
    const report = check(redated(longAgo, (event, i) => isOutcome(event) && i % 40 === 0))
    expect(found(report, 'clock-skew')).toMatchObject({ severity: 'broken', evidence: { unitsLeftOut: 0 } })
  })

  it('FAULTS 37: break it where they fall on one arm, however few', () => {
    const isOfModel = (event: LogEvent, i: number) =>
      isExposure(event) && event.variant === 'model' && i % 45 === 0
    const finding = found(check(redated(longAgo, isOfModel)), 'clock-skew')!
    expect(finding).toMatchObject({ severity: 'broken', biasesEffect: 'likely' })
    expect(finding.detail).toMatch(/Units with such an exposure: control 0 of .* if arms were alike\.$/)
    expect(finding.remedy).toMatch(/^Do not read effects/)
  })

  it('leave nobody out who is exposed elsewhere by a right clock', () => {
    const again = log.filter(isExposure).map((event, i) => ({
      ...event,
      exposedAt: longAgo(event.exposedAt),
      producerId: 'again',
      sequence: i + 1,
    }))
    const report = check([...log, ...again])
    expect(report.sampleRatio).toEqual(check(log).sampleRatio)
    expect(found(report, 'clock-skew')).toMatchObject({ severity: 'caution', evidence: { unitsLeftOut: 0 } })
  })

  it('of another experiment alone concern nobody here', () => {
    const events = redated(longAgo, isExposure).map((event) =>
      isExposure(event) ? { ...event, experiment: 'another', producerId: 'other' } : event,
    )
    expect(found(check([...log, ...events.filter(isExposure)]), 'clock-skew')).toMatchObject({
      severity: 'note',
      biasesEffect: 'no',
    })
  })

  it.each([
    ['seconds', (at: number) => Math.floor(at / 1_000)],
    ['microseconds', (at: number) => at * 1_000],
    ['nanoseconds', (at: number) => at * 1_000_000],
  ] as const)('FAULTS 37: are told to be right in %s, where they are', (unit, to) => {
    const report = check(redated(to, ({ producerId }) => producerId === 'service-3-1'))
    const finding = found(report, 'clock-skew')!
    expect(finding.detail).toMatch(new RegExp(`times would be right in ${unit}; milliseconds are asked for`))
    expect(finding.remedy).toMatch(/^Have service-3-1 write times as epoch milliseconds/)
    expect(finding.evidence['inUnit']).toMatchObject({ [unit]: finding.evidence['mistimed'] })
    expect(codes(report)).not.toContain('late-events')
    const unset = check(
      redated(
        (at) => at - END,
        ({ producerId }) => producerId === 'service-3-1',
      ),
    )
    expect(found(unset, 'clock-skew')!.detail).not.toContain('would be right')
  })
})

describe('an arm without a unit', () => {
  it('is told by the sample ratio, and by no check that compares arms', () => {
    const variants = trial.variants.map((each) => (each.name === 'model' ? { ...each, name: 'new' } : each))
    const report = audit({ ...trial, variants }, log, { asOf: END })
    expect(codes(report)).toEqual(expect.arrayContaining(['sample-ratio', 'unknown-variant']))
    for (const code of ['duplicates-by-arm', 'excluded-traffic', 'sticky-assignments'] as const)
      expect(found(report, code)?.severity ?? 'note').toBe('note')
  })
})

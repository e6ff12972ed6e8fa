import type { ExposureEvent, LogEvent, RemovedNumbers } from '@fairtrial/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { found } from '../test/audited.ts'
import { END, recordedLog, trial } from '../test/recorded-log.ts'
import { isExposure } from '../test/synthetic-log.ts'
import { createAudit, foldAudit } from './audit.ts'
import { audit, auditReport } from './report.ts'

const LOSSES = ['sequence-gap', 'loss-by-arm', 'unfinished-producer'] as const
const whole = recordedLog({ units: 600, faults: { isKilled: (producer) => producer === 1 } })

/** What is told of events that retention took. */
function removedOf(events: readonly LogEvent[]): readonly RemovedNumbers[] {
  const highest = new Map<string, number>()
  for (const { producerId, sequence } of events)
    highest.set(producerId, Math.max(sequence, highest.get(producerId) ?? 0))
  return [...highest].map(([producerId, upTo]) => ({ producerId, upTo }))
}

const newestOf = (events: readonly LogEvent[], of: string) =>
  Math.max(0, ...events.filter(({ producerId }) => producerId === of).map(({ sequence }) => sequence))

describe('what retention has taken', () => {
  it('is not lost: a producer of which only the last is left has no gap, in all or in an arm', () => {
    const log = recordedLog({ units: 600 })
    for (const cut of [40, 300, 700, log.length - 30]) {
      const left = log.slice(cut)
      const removed = removedOf(log.slice(0, cut))
      expect(found(audit(trial, left, { asOf: END }), 'sequence-gap')?.severity).toBe('broken')
      const report = audit(trial, left, { asOf: END, removed })
      for (const code of LOSSES) expect(found(report, code)).toBeUndefined()
      expect(report.counts.missingEvents).toBe(0)
    }
  })

  it('is not lost where the rest of a portion that went is there still', () => {
    const [gone, left] = [whole.slice(0, 400), whole.slice(200)]
    expect(audit(trial, left, { asOf: END, removed: removedOf(gone) }).counts.missingEvents).toBe(0)
  })

  it('leaves what was lost since to be told, of the arm that lost it, and as a share of what was left', () => {
    const isLost = (event: LogEvent, i: number): event is ExposureEvent =>
      i >= 400 && isExposure(event) && event.variant === 'model' && i % 4 === 0
    const log = recordedLog({ units: 600 })
    const left = log.slice(400).filter((event, i) => !isLost(event, i + 400))
    const removed = removedOf(log.slice(0, 400))
    const report = audit(trial, left, { asOf: END, removed })
    const gap = found(report, 'sequence-gap')
    expect(gap).toMatchObject({ severity: 'broken', evidence: { missing: log.filter(isLost).length } })
    expect(Number(gap?.evidence['written'])).toBeLessThanOrEqual(log.length - 400)
    const byArm = found(report, 'loss-by-arm')
    expect(byArm).toMatchObject({
      severity: 'broken',
      biasesEffect: 'likely',
      evidence: { missing: { control: 0 } },
    })
    // Those between what went and the first that is left of the arm have gone, or were lost: nobody can tell.
    const { model } = byArm!.evidence['missing'] as { model: number }
    expect(model).toBeGreaterThan(0.9 * log.filter(isLost).length)
  })

  it('makes nobody unfinished whose last words it took, and no producer of whom it took all', () => {
    const asOf = END + 86_400_000
    const cut = whole.findLastIndex(({ producerId }) => producerId.endsWith('-1')) + 1
    const [gone, left] = [whole.slice(0, cut), whole.slice(cut)]
    expect(found(audit(trial, whole, { asOf }), 'unfinished-producer')).toBeDefined()
    const report = audit(trial, left, { asOf, removed: removedOf(gone) })
    expect(report.counts.producers).toBe(3)
    expect(found(report, 'unfinished-producer')).toBeUndefined()
    // One event of it came late, behind what went.
    const late = gone.filter(({ producerId }) => producerId.endsWith('-1')).at(-2)!
    const beside = audit(trial, [...left, late], { asOf, removed: removedOf(gone) })
    expect(found(beside, 'unfinished-producer')).toBeUndefined()
  })

  it('is the same told before or after the events, in portions, once or again, higher or lower', () => {
    const cuts = fc.record({
      cut: fc.integer({ min: 1, max: whole.length - 1 }),
      portion: fc.integer({ min: 1, max: 400 }),
      toldAt: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 4 }),
      lostEvery: fc.integer({ min: 5, max: 60 }),
    })
    fc.assert(
      fc.property(cuts, ({ cut, portion, toldAt, lostEvery }) => {
        const removed = removedOf(whole.slice(0, cut))
        const left = whole.filter((_, i) => i >= cut && i % lostEvery !== 0)
        const folded = createAudit(trial)
        for (let i = 0, nth = 0; i < left.length; i += portion, nth++) {
          const told = toldAt.includes(nth) ? [...removed, { ...removed[0]!, upTo: 1 }] : []
          foldAudit(folded, left.slice(i, i + portion), { removed: told })
        }
        foldAudit(folded, [], { removed })
        const report = auditReport(folded, { asOf: END })
        expect(report).toEqual(audit(trial, left, { asOf: END, removed }))
        const upTo = new Map(removed.map((each) => [each.producerId, each.upTo]))
        const producers = new Set(left.map(({ producerId }) => producerId))
        const missing = [...producers].map((producer) => {
          const from = upTo.get(producer) ?? 0
          const own = left.filter(({ producerId }) => producerId === producer)
          const above = own.filter(({ sequence }) => sequence > from).length
          return Math.max(0, newestOf(left, producer) - from) - above
        })
        expect(report.counts.missingEvents).toBe(missing.reduce((sum, each) => sum + each, 0))
      }),
      { numRuns: 40 },
    )
  })

  it('is no number where it is none', () => {
    const removed = [Number.NaN, -1, 1.5, Infinity].map((upTo) => ({ producerId: 'service-1-0', upTo }))
    expect(audit(trial, whole, { asOf: END, removed })).toEqual(audit(trial, whole, { asOf: END }))
  })
})

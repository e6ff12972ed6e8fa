import type { FindingCode } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { codes, found } from '../test/audited.ts'
import { corruptions, findingOf } from '../test/corruptions.ts'
import { END, recordedLog, triggeredTrial, trial } from '../test/recorded-log.ts'
import { seeded } from '../test/synthetic-log.ts'
import { createAudit, foldAudit } from './audit.ts'
import { audit, auditReport } from './report.ts'

// How often, over many logs, is for `pnpm calibrate --row audit`: here is that each check finds what it is for.
const check = (log: ReturnType<typeof recordedLog>) => audit(trial, log, { asOf: END })

describe('a clean log, as recorders write it', () => {
  const expected: FindingCode[] = [
    'repeated-exposures',
    'sticky-assignments',
    'overridden-exposures',
    'excluded-traffic',
  ]

  it('is trusted, and what is usual in it is told as a note', () => {
    for (const seed of [1, 2, 3]) {
      const report = check(recordedLog({ seed }))
      expect(report.verdict).toBe('trusted')
      expect(codes(report)).toEqual(expected)
    }
  })

  it('FAULTS 34, 35: gives the same report in any order', () => {
    const log = recordedLog({ units: 800 })
    const random = seeded(5)
    const shuffled = log.map((event) => ({ event, at: random() })).toSorted((a, b) => a.at - b.at)
    expect(check(shuffled.map(({ event }) => event))).toEqual(check(log))
  })

  it('FAULTS 33, 34: counts the same when it comes twice, or a part of it a hundred times', () => {
    const log = recordedLog({ units: 800 })
    const once = check(log)
    const again = log.slice(100, 140)
    const replays = [
      [...log, ...log],
      [...log, ...Array.from({ length: 100 }, () => again).flat()],
    ]
    for (const replayed of replays) {
      const report = check(replayed)
      expect(report.sampleRatio).toEqual(once.sampleRatio)
      expect(report.counts).toMatchObject({
        uniqueExposures: once.counts.uniqueExposures,
        missingEvents: 0,
        replayMismatches: 0,
      })
      expect(report.verdict).toBe('trusted')
    }
  })

  it('costs no memory by the event: what comes again is nowhere kept', () => {
    const log = recordedLog({ units: 300 })
    const folded = createAudit(trial)
    foldAudit(folded, log)
    const size = sizeOf(folded)
    for (let time = 0; time < 20; time++) foldAudit(folded, log)
    expect(folded.counts.events).toBe(21 * log.length)
    expect(sizeOf(folded)).toBe(size)
    expect(auditReport(folded, { asOf: END }).verdict).toBe('trusted')
  })
})

describe('a log that went wrong', () => {
  it.each(corruptions.map((corruption) => [corruption.what, corruption] as const))(
    'is told when %s',
    (_, corruption) => {
      const report = check(recordedLog({ seed: 11, units: 4_000, faults: corruption.faults }))
      const finding = findingOf(report, corruption)
      expect(finding, `${corruption.code} among ${codes(report).join(', ')}`).toBeDefined()
      expect(corruption.isNamed?.(finding!) ?? true, JSON.stringify(finding)).toBe(true)
      expect(finding!.remedy).not.toBe('')
      expect(finding!.size === null || (finding!.size > 0 && finding!.size <= 1)).toBe(true)
      expect(found(check(recordedLog({ seed: 11, units: 4_000 })), corruption.code)?.severity ?? 'note').toBe(
        'note',
      )
    },
  )

  it('is judged by triggered units alone, where the plan analyses them', () => {
    const isTriggered = corruptions.find(({ name }) => name === 'trigger-imbalance')!.faults
    const report = audit(
      triggeredTrial,
      recordedLog({ of: triggeredTrial, seed: 11, units: 6_000, faults: isTriggered }),
      { asOf: END },
    )
    expect(found(report, 'trigger-imbalance')).toMatchObject({ severity: 'broken', biasesEffect: 'likely' })
    const clean = audit(triggeredTrial, recordedLog({ of: triggeredTrial }), { asOf: END })
    expect(clean.verdict).toBe('trusted')
    const all = check(recordedLog())
    expect(clean.counts.uniqueExposures / all.counts.uniqueExposures).toBeCloseTo(0.6, 1)
  })
})

/** Entries of every map, set and list in it, all the way down. */
function sizeOf(value: unknown, seen = new Set<unknown>()): number {
  if (typeof value !== 'object' || value === null || seen.has(value)) return 0
  seen.add(value)
  const parts =
    value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value)
  return parts.reduce<number>((total, part) => total + 1 + sizeOf(part, seen), 0)
}

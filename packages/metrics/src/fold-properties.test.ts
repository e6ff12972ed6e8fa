import type { UnitEvent, TrialSummary } from '@fairtrial/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exposure, outcome, throughJson, trial } from '../test/trial.ts'
import { createFold, foldEvents, summaryOf } from './fold.ts'
import { summarize } from './summarize.ts'

const experiment = trial()
const at = (asOf: number) => ({ asOf, phase: 1 })
const closed = (summary: TrialSummary, metric: string, variant = 'control') =>
  summary.metrics[metric]![variant]!.closed

const unitIds = fc.constantFrom('u1', 'u2', 'u3', 'u4', '__proto__')
const times = fc.integer({ min: 0, max: 40_000 })
const anyExposure = fc
  .tuple(unitIds, fc.constantFrom('control', 'model', 'model-b', 'gone'), times)
  .map(([unitId, variant, time]) => exposure(experiment, unitId, variant, time, { bucket: time * 20 }))
const anyOutcome = fc
  .tuple(
    unitIds,
    fc.constantFrom('started', 'watched', 'latency', 'other'),
    times,
    fc.integer({ min: -9, max: 9 }),
  )
  .map(([unitId, name, time, value]) => outcome(unitId, name, time, value))
const anyLog = fc.array(fc.oneof(anyExposure, anyOutcome), { maxLength: 60 })

/** Everything but the counts that count events as they come. */
function essence({ counts, ...summary }: TrialSummary) {
  return { ...summary, counts: { ...counts, repeatedExposures: 0, repeatedOutcomes: 0, foreignExposures: 0 } }
}

/** Equal up to the rounding of moments. */
function expectSame(actual: unknown, expected: unknown): void {
  const round = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (_, v: unknown) =>
      typeof v === 'number' ? Number(v.toFixed(9)) + 0 : v,
    )
  expect(round(actual)).toEqual(round(expected))
}

describe('for any log', () => {
  it('order does not matter', () => {
    fc.assert(
      fc.property(
        anyLog.chain((log) =>
          fc.tuple(fc.constant(log), fc.shuffledSubarray(log, { minLength: log.length })),
        ),
        times,
        ([log, shuffled], asOf) => {
          expectSame(summarize(experiment, shuffled, at(asOf)), summarize(experiment, log, at(asOf)))
        },
      ),
    )
  })

  it('duplicates change nothing but their count', () => {
    fc.assert(
      fc.property(anyLog, times, fc.infiniteStream(fc.boolean()), (log, asOf, coins) => {
        const doubled = log.flatMap((event) => (coins.next().value === true ? [event, event] : [event]))
        expectSame(
          essence(summarize(experiment, doubled, at(asOf))),
          essence(summarize(experiment, log, at(asOf))),
        )
      }),
    )
  })

  it('portions with looks between them end where one reading of all ends', () => {
    fc.assert(
      fc.property(anyLog, fc.array(times, { minLength: 1, maxLength: 8 }), (log, looks) => {
        const fold = createFold(experiment, { phase: 1 })
        const size = Math.ceil(log.length / looks.length)
        looks.forEach((asOf, i) => {
          foldEvents(fold, log.slice(i * size, (i + 1) * size))
          expectSame(summaryOf(fold, asOf), summarize(experiment, log.slice(0, (i + 1) * size), at(asOf)))
        })
      }),
    )
  })

  it('a log that went through JSON says the same', () => {
    fc.assert(
      fc.property(anyLog, times, (log, asOf) => {
        expect(summarize(experiment, throughJson(log), at(asOf))).toEqual(
          summarize(experiment, log, at(asOf)),
        )
      }),
    )
  })

  it('a count by hand agrees', () => {
    fc.assert(
      fc.property(anyLog, times, (log, asOf) => {
        const summary = summarize(experiment, log, at(asOf))
        const expected = byHand(log, asOf)
        for (const [variant, values] of Object.entries(expected)) {
          expect(closed(summary, 'started', variant).n).toBe(values.length)
          const mean = values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length
          expect(closed(summary, 'started', variant).mean).toBeCloseTo(mean, 12)
        }
      }),
    )
  })
})

/** The primary metric's closed values by variant, straight from its definition. */
function byHand(log: readonly UnitEvent[], asOf: number) {
  const values: Record<string, number[]> = { control: [], model: [], 'model-b': [] }
  for (const unitId of new Set(log.map((event) => event.unitId))) {
    const mine = log.filter((event) => event.unitId === unitId)
    const exposures = mine.filter(
      (event) => event.schema === 'fairtrial.exposure/1' && event.variant in values,
    ) as ReturnType<typeof exposure>[]
    if (new Set(exposures.map(({ variant }) => variant)).size !== 1) continue
    const exposedAt = Math.min(...exposures.map((event) => event.exposedAt))
    if (asOf < exposedAt + 11_000) continue
    const happened = mine.some(
      (event) =>
        event.schema === 'fairtrial.outcome/1' &&
        event.name === 'started' &&
        event.occurredAt >= exposedAt &&
        event.occurredAt < exposedAt + 10_000,
    )
    values[exposures[0]!.variant]!.push(happened ? 1 : 0)
  }
  return values
}

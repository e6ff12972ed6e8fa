import { AuditReport } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { END, recordedLog, trial } from '../../test/recorded-log.ts'
import { audit } from '../report.ts'

const check = (log: ReturnType<typeof recordedLog>) => audit(trial, log, { asOf: END })

describe('the funnel of an audit', () => {
  it('I8: holds assignments, exposures, units and units with an outcome apart, each counted where it happens', () => {
    const log = recordedLog({
      faults: { unexposed: ({ variant, chance }) => variant === 'model' && chance() < 0.2 },
    })
    const report = check(log)
    const { calls, units } = report.funnel!
    expect(AuditReport.parse(report)).toEqual(report)

    const finals = log.flatMap((event) =>
      event.schema === 'fairtrial.producer/1' && event.isFinal ? event.arms : [],
    )
    for (const arm of ['control', 'model']) {
      const own = finals.filter(({ variant }) => variant === arm)
      const total = (field: 'assigned' | 'offered') => own.reduce((sum, each) => sum + (each[field] ?? 0), 0)
      expect(calls?.assigned[arm]).toBe(total('assigned'))
      expect(calls?.exposed[arm]).toBe(total('offered'))
    }
    expect(calls!.exposed['control']! / calls!.assigned['control']!).toBeGreaterThan(0.95)
    expect(calls!.exposed['model']! / calls!.assigned['model']!).toBeLessThan(0.85)

    expect(units.exposed).toEqual(report.sampleRatio?.observed)
    const withOutcome = new Set(
      log.flatMap((event) => (event.schema === 'fairtrial.outcome/1' ? [event.unitId] : [])),
    )
    for (const arm of ['control', 'model']) {
      expect(units.settled[arm]).toBeLessThanOrEqual(units.exposed[arm]!)
      expect(units.withOutcome[arm]).toBeGreaterThan(0)
      expect(units.withOutcome[arm]).toBeLessThan(units.settled[arm]!)
    }
    const joined = units.withOutcome['control']! + units.withOutcome['model']!
    expect(joined).toBeLessThanOrEqual(withOutcome.size)
  })

  it('knows no assignments where no producer sees them, and no units without a log', () => {
    const blind = recordedLog({ units: 300 }).map((event) =>
      event.schema === 'fairtrial.producer/1'
        ? { ...event, arms: event.arms.map(({ assigned: _, ...arm }) => arm) }
        : event,
    )
    expect(check(blind).funnel?.calls).toBeNull()
    expect(check([]).funnel).toEqual({
      calls: null,
      units: {
        exposed: { control: 0, model: 0 },
        settled: { control: 0, model: 0 },
        withOutcome: { control: 0, model: 0 },
      },
    })
  })
})

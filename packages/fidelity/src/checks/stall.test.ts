import { defineExperiment } from '@fairtrial/protocol'
import type { Experiment, ExposureEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { createAudit, foldAudit } from '../audit.ts'
import { audit, auditReport } from '../report.ts'
import { check, found } from '../../test/audited.ts'
import {
  definition,
  experiment,
  isExposure,
  MINUTE,
  seeded,
  START,
  syntheticLog,
} from '../../test/synthetic-log.ts'

const sample = syntheticLog({ units: 1, outcomes: false }).find(isExposure)!

/** Exposures whose rate, in one minute, is given for each minute; the unit is the same, which is repeated. */
function arrivals(perMinute: (minute: number) => number, minutes: number, seed = 1): ExposureEvent[] {
  const random = seeded(seed)
  const events: ExposureEvent[] = []
  for (let minute = 0; minute < minutes; minute++) {
    // A hundred chances a minute: a binomial that is as good as Poisson.
    for (let chance = 0; chance < 100; chance++) {
      if (random() >= perMinute(minute) / 100) continue
      const exposedAt = START + (minute + chance / 100) * MINUTE
      events.push({ ...sample, exposedAt, receivedAt: exposedAt, sequence: events.length + 1 })
    }
  }
  return events
}

const stalled = (events: ExposureEvent[], minutes: number) =>
  found(check(events, { asOf: START + minutes * MINUTE }), 'no-traffic')

describe('exposures that stop', () => {
  it('C12: are missing evidence, also while a few still trickle in', () => {
    const stops = arrivals((minute) => (minute < 120 ? 10 : 0.1), 150)
    expect(stalled(stops, 119)).toBeUndefined()
    expect(stalled(stops, 150)).toMatchObject({
      severity: 'caution',
      detail: expect.stringMatching(
        /^Exposures of this definition have all but stopped: \d in the last \d+(\.\d)? min; before, \d\d came in 10 min\.$/,
      ),
    })
  })

  it('C12: raise no alarm in 720 looks at services that begin with a rush and are slow at night', () => {
    let alarms = 0
    for (let seed = 1; seed <= 15; seed++) {
      const rate = (minute: number) =>
        9 + 6.5 * Math.sin((2 * Math.PI * minute) / 1_440) + (minute < 9 ? 80 : 0)
      const events = arrivals(rate, 1_440, seed)
      const folded = createAudit(experiment)
      for (let half = 1; half <= 48; half++) {
        const asOf = START + half * 30 * MINUTE
        foldAudit(
          folded,
          events.splice(
            0,
            events.findIndex(({ exposedAt }) => exposedAt >= asOf),
          ),
        )
        if (auditReport(folded, { asOf }).findings.some(({ code }) => code === 'no-traffic')) alarms++
      }
    }
    expect(alarms).toBe(0)
  })

  it('are none where a bake begins, which enrolls its holdback only; and are all the same where nothing comes', () => {
    const bakedBy = (holdbackPercent: number): Experiment =>
      defineExperiment({ ...definition, ramp: { ...definition.ramp, bake: { for: '1d', holdbackPercent } } })
    const begins = arrivals((minute) => (minute < 120 ? 95 : 1), 180)
    const ends = arrivals((minute) => (minute < 120 ? 95 : 0.5), 180)
    const asOf = START + 180 * MINUTE
    const alarm = (events: readonly ExposureEvent[], of = bakedBy(1)) =>
      found(audit(of, events, { asOf }), 'no-traffic')?.detail
    expect(alarm(begins)).toBeUndefined()
    expect(alarm(begins, experiment)).toContain('all but stopped')
    expect(alarm(ends, bakedBy(50))).toContain('all but stopped')
  })

  it('C12: say nothing before an hour is known, or where too few come to tell silence from chance', () => {
    const early = arrivals((minute) => (minute < 45 ? 10 : 0.1), 60)
    const few = arrivals((minute) => (minute < 600 ? 5 : 0), 609)
    expect(stalled(early, 60)).toBeUndefined()
    expect(stalled(few, 609)).toBeUndefined()
  })
})

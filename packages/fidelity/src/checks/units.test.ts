import { defineExperiment } from '@fairtrial/protocol'
import type { LogEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { found } from '../../test/audited.ts'
import { END, type Faults, MINUTE, recordedLog, trial } from '../../test/recorded-log.ts'
import { definition, isExposure, START, syntheticLog } from '../../test/synthetic-log.ts'
import { audit } from '../report.ts'

const log = (faults: Faults = {}, units = 3_000) => recordedLog({ seed: 5, units, faults })
const check = (events: readonly LogEvent[]) => audit(trial, events, { asOf: END })
const isModel = ({ variant }: { readonly variant: string }) => variant === 'model'

describe('units in two arms', () => {
  it.each([
    ['exclude', 'likely', /leaves them out/, /the effect is biased/],
    ['first', 'possible', /where they were first/, /diluted/],
    ['as-assigned', 'possible', /where they were assigned/, /diluted/],
  ] as const)(
    'FAULTS 46: by the policy %s, with what it does to the effect',
    (policy, bias, detail, remedy) => {
      const of = defineExperiment({ ...definition, analysis: { ...definition.analysis, crossover: policy } })
      const events = syntheticLog({ of, units: 6_000 })
      const crossing = events
        .filter(isExposure)
        .filter((event, i) => i % 40 === 0 && !isModel(event))
        .map((event, i) => ({
          ...event,
          variant: 'model',
          exposedAt: event.exposedAt + 1_000,
          producerId: 'crossing',
          sequence: i + 1,
        }))
      const report = audit(of, [...events, ...crossing], { asOf: START + 31 * MINUTE })
      expect(found(report, 'crossover')?.detail).toMatch(detail)
      expect(found(report, 'crossover-imbalance')).toMatchObject({
        severity: 'caution',
        biasesEffect: bias,
        remedy: expect.stringMatching(remedy),
      })
    },
  )
})

describe('exposures met twice', () => {
  it('are told where one arm is recorded again more often, with the dedup rates of producers', () => {
    const events = log()
    const elsewhere = (count: number) =>
      events
        .filter(isExposure)
        .filter(isModel)
        .slice(0, count)
        .map((event, i) => ({ ...event, producerId: 'restarted', sequence: i + 1 }))
    // Other producers record a third of the units again as it is: a few more tell nothing.
    expect(found(check([...events, ...elsewhere(60)]), 'duplicates-by-arm')).toBeUndefined()
    const told = found(check([...events, ...elsewhere(5_000)]), 'duplicates-by-arm')
    expect(told).toMatchObject({ severity: 'caution', evidence: { kind: 'recorded' } })
    const rates = told!.evidence['deduplicationRates'] as { readonly [arm: string]: number }
    expect(Math.abs(rates['model']! - rates['control']!)).toBeLessThan(0.05)
  })
})

describe('sticky arms', () => {
  it('are replayed from the id that they were computed from', () => {
    const events = log()
    expect(found(check(events), 'replay-mismatch')).toBeUndefined()
    const forgotten = events.map((event) => {
      if (!isExposure(event)) return event
      const { assignedAs: _, ...without } = event
      return without
    })
    const mismatches = found(check(forgotten), 'replay-mismatch')
    expect(mismatches?.evidence['mismatched']).toMatchObject({ seed: 0 })
    expect(found(check(forgotten), 'sticky-assignments')).toBeUndefined()
  })
})

describe('what is left out', () => {
  it('C13: changes no other count: forced arms, excluded units', () => {
    const events = log()
    const kept = events.filter(
      (event) =>
        !isExposure(event) ||
        (event.reason === 'assigned' && event.context?.features['client'] !== 'crawler'),
    )
    const [all, without] = [check(events), check(kept)]
    expect(all.sampleRatio).toEqual(without.sampleRatio)
    expect(all.counts).toEqual({ ...without.counts, missingEvents: 0 })
    expect(found(all, 'overridden-exposures')?.evidence['overridden']).toBeDefined()
    expect(found(all, 'excluded-traffic')?.detail).toMatch(/set aside by the rules 2026-01: bots \d+\.$/)
  })
})

describe('segments of a log', () => {
  const lossy = (isHit: NonNullable<Faults['unexposed']>) =>
    check(log({ unexposed: (visit) => isModel(visit) && isHit(visit) }, 6_000)).findings.filter(
      ({ code }) => code === 'sample-ratio-segment',
    )
  const dimensions = (findings: ReturnType<typeof lossy>) =>
    findings.map(({ evidence }) => evidence['dimension'])

  it('C9: tell the platform, the producer, the SDK and the hour in which one arm is lost', () => {
    expect(dimensions(lossy(({ platform, drawn }) => platform === 'web' && drawn < 0.4))).toEqual([
      'platform',
    ])
    expect(dimensions(lossy(({ producer }) => producer === 2))).toContain('producer')
    expect(dimensions(lossy(({ producer, drawn }) => producer % 2 === 1 && drawn < 0.5))).toContain('sdk')
    const byHour = lossy(({ share }) => share > 1 / 3 && share < 2 / 3)
    expect(dimensions(byHour)).toContain('hour (UTC)')
    const hours = byHour.find(({ evidence }) => evidence['dimension'] === 'hour (UTC)')!
    // Whoever was lost at one and comes back at two is first seen then.
    expect(hours.evidence['segments']).toMatchObject([{ segment: '13' }, { segment: '14' }])
  })
})

describe('pseudonyms', () => {
  const named = (keyOf: (i: number) => string) =>
    log().map((event, i) =>
      isExposure(event)
        ? {
            ...event,
            unitId: `${keyOf(i)}${event.unitId.replace(/\W/g, '').padStart(22, 'x').slice(-22)}`,
          }
        : event,
    )

  it('of two keys in one phase break the audit; of one key they do not', () => {
    expect(found(check(named(() => '~abc-_1.')), 'pseudonym-keys')).toBeUndefined()
    const finding = found(check(named((i) => (i % 10 === 0 ? '~second.' : '~first1.'))), 'pseudonym-keys')
    expect(finding).toMatchObject({ severity: 'broken', biasesEffect: 'likely' })
    expect(finding?.evidence['units']).toMatchObject({
      first1: expect.any(Number),
      second: expect.any(Number),
    })
    expect(Number(finding?.size)).toBeCloseTo(0.1, 1)
  })

  it('beside raw ids are told, a few of them as a caution', () => {
    const finding = found(check(named((i) => (i % 300 === 0 ? '' : '~first1.'))), 'pseudonym-keys')
    expect(finding).toMatchObject({ severity: 'caution', evidence: { units: { none: expect.any(Number) } } })
  })
})

describe('the arrival rate', () => {
  const DAY = 1_440 * MINUTE
  const days = (perDay: number) => {
    const of = (expected: number) =>
      defineExperiment({ ...definition, analysis: { ...definition.analysis, expectedUnitsPerDay: expected } })
    return (expected: number) => {
      const planned = of(expected)
      const events = syntheticLog({ of: planned, units: perDay * 4, outcomes: false })
      const spread = events.map((event, i) =>
        isExposure(event)
          ? { ...event, exposedAt: START + (i / events.length) * 4 * DAY, receivedAt: START + 4 * DAY }
          : event,
      )
      return found(audit(planned, spread, { asOf: START + 4 * DAY }), 'arrival-rate')
    }
  }

  it('C12: is held against the plan, with its uncertainty', () => {
    const hundred = days(100)
    expect(hundred(100)).toBeUndefined()
    expect(hundred(180)).toBeUndefined()
    expect(hundred(400)?.detail).toMatch(
      /^On its busiest day .* less than half of the 400 that the plan expects\.$/,
    )
    expect(hundred(30)?.detail).toMatch(/^On its median day .* more than twice of the 30/)
    // 10 units a day where 25 are expected may be chance.
    expect(days(10)(25)).toBeUndefined()
  })
})

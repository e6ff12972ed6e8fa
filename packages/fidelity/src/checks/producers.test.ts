import type { ExposureEvent, Finding, LogEvent, ProducerReport } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { found } from '../../test/audited.ts'
import { BEGIN, END, type Faults, MINUTE, recordedLog, trial } from '../../test/recorded-log.ts'
import { isExposure } from '../../test/synthetic-log.ts'
import { audit } from '../report.ts'

const log = (faults: Faults = {}, seed = 3) => recordedLog({ seed, faults })
const check = (events: readonly LogEvent[], asOf = END) => audit(trial, events, { asOf })
const isReport = (event: LogEvent): event is ProducerReport => event.schema === 'fairtrial.producer/1'

describe('loss by arm', () => {
  it('that falls on all arms alike is a caution, and costs precision', () => {
    const report = check(log({ lost: ({ chance }) => chance() < 0.005 }))
    expect(found(report, 'loss-by-arm')).toMatchObject({ severity: 'caution', biasesEffect: 'possible' })
    expect(found(report, 'loss-by-arm')?.remedy).toMatch(/^Arms lose alike/)
  })

  it('breaks the audit above what is tolerated, also where few events leave p large', () => {
    const report = check(
      recordedLog({
        seed: 3,
        units: 300,
        faults: { lost: ({ variant, drawn }) => variant === 'model' && drawn < 0.06 },
      }),
    )
    const finding = found(report, 'loss-by-arm')!
    expect(finding.severity).toBe('broken')
    expect(Number(finding.evidence['pValue'])).toBeGreaterThan(0.0001)
    expect(finding.biasesEffect).toBe('likely')
  })

  it('takes the tail from an account only when everything before it must have come', () => {
    const lost = log({ lost: ({ variant, share }) => variant === 'model' && share > 0.97 })
    const last = Math.max(...lost.filter(isReport).map(({ reportedAt }) => reportedAt))
    expect(found(check(lost, last + MINUTE), 'loss-by-arm')).toBeUndefined()
    expect(found(check(lost, END), 'loss-by-arm')?.severity).toBe('broken')
    const spooled = lost.map((event) => (isReport(event) ? { ...event, pending: 9 } : event))
    expect(found(check(spooled, END), 'loss-by-arm')).toBeUndefined()
  })

  it('counts each phase by itself', () => {
    const other = log({ lost: ({ drawn }) => drawn < 0.1 }, 4).map((event) =>
      isExposure(event) ? { ...event, phase: 2 } : event,
    )
    const both = [...log(), ...other.filter(isExposure)]
    expect(found(audit(trial, both, { asOf: END, phase: 1 }), 'loss-by-arm')).toBeUndefined()
    expect(found(audit(trial, both, { asOf: END, phase: 2 }), 'loss-by-arm')).toBeDefined()
  })

  describe('where the arm of exposures was changed after they were numbered', () => {
    const other = ({ variant }: ExposureEvent) => (variant === 'model' ? 'control' : 'model')
    const edited = (of: (event: ExposureEvent, i: number) => Partial<ExposureEvent>, events = log()) =>
      events.map((event, i) => (isExposure(event) && i % 9 === 0 ? { ...event, ...of(event, i) } : event))

    it.each([
      ['in both', 'replay-mismatch', (event: ExposureEvent) => ({ variant: other(event) })],
      ['in one', 'replay-mismatch', () => ({ variant: 'control' })],
      ['to none that there is', 'unknown-variant', () => ({ variant: 'new' })],
      ['with the definition', 'foreign-definition', () => ({ fingerprint: 'f'.repeat(64), variant: 'new' })],
    ] as const)('is not told, %s: nothing is missing', (_, code, of) => {
      const report = check(edited(of))
      expect(found(report, code)?.severity).toBe('broken')
      expect(found(report, 'loss-by-arm')).toBeUndefined()
    })

    it('is told as large as it is: what is missing in all has no other arm to be in', () => {
      const isLost = ({ variant, drawn }: { variant: string; drawn: number }) =>
        variant === 'model' && drawn < 0.05
      const lost = found(check(log({ lost: isLost })), 'loss-by-arm')!
      let isFirst = true
      const one = log({ lost: isLost }).map((event) => {
        if (!isFirst || !isExposure(event) || event.variant !== 'model' || event.unitId.startsWith('o'))
          return event
        isFirst = false
        return { ...event, variant: 'control' }
      })
      const both = check(one)
      expect(found(both, 'replay-mismatch')?.evidence['found']).toBe(1)
      expect(found(both, 'loss-by-arm')?.severity).toBe('broken')
      const missing = (finding: Finding) => finding.evidence['missing'] as { readonly [arm: string]: number }
      const difference = missing(found(both, 'loss-by-arm')!)['model']! / missing(lost)['model']!
      expect(Math.abs(difference - 1)).toBeLessThan(0.05)
    })

    it('tells that they arrived, where nothing else of the audit sees it: another phase', () => {
      const report = check(edited(({ variant }) => (variant === 'model' ? { phase: 2 } : {})))
      const finding = found(report, 'loss-by-arm')!
      expect(finding).toMatchObject({ severity: 'broken', biasesEffect: 'likely' })
      expect(finding.detail).toMatch(/^Exposures that were numbered in an arm are not there, though/)
      expect(finding.remedy).toMatch(/what changes the phase or the experiment/)
    })
  })

  it('tells in a gap what producers say that they dropped', () => {
    const events = log({ lost: ({ drawn }) => drawn < 0.005 }).map((event) =>
      isReport(event) ? { ...event, dropped: { 'queue-full': 3 } } : event,
    )
    expect(found(check(events), 'sequence-gap')?.detail).toContain('producers tell of queue-full 12')
  })
})

describe('a producer that falls silent', () => {
  const killed = log({ isKilled: (producer) => producer === 1 })

  it('is told ten minutes later, and not before', () => {
    const died = BEGIN + 0.7 * 180 * MINUTE
    const until = (at: number) => killed.filter((event) => (event.receivedAt ?? 0) < at)
    expect(found(check(until(died + 5 * MINUTE), died + 5 * MINUTE), 'unfinished-producer')).toBeUndefined()
    expect(found(check(until(died + 15 * MINUTE), died + 15 * MINUTE), 'unfinished-producer')).toMatchObject({
      severity: 'note',
      evidence: { unfinished: 1, producers: 4 },
    })
  })

  it('is a caution where it kept more than is tolerated', () => {
    const full = killed.map((event) =>
      isReport(event) && event.producerId.endsWith('-1') ? { ...event, pending: 500 } : event,
    )
    expect(found(check(full), 'unfinished-producer')?.severity).toBe('caution')
  })

  it('is none where its last word is an account with nothing pending, nor where nobody gives accounts', () => {
    const quiet = log().map((event) => (isReport(event) ? { ...event, isFinal: false } : event))
    expect(found(check(quiet, END + 60 * MINUTE), 'unfinished-producer')).toBeUndefined()
    const old = killed.filter((event) => !isReport(event))
    expect(found(check(old), 'unfinished-producer')).toBeUndefined()
  })
})

describe('a revision that was replaced', () => {
  it('is no finding within the grace of a lease', () => {
    const events = log({ isStale: (producer) => producer === 1 })
    const half = BEGIN + 90 * MINUTE
    const until = (at: number) => events.filter((event) => (event.receivedAt ?? 0) < at)
    expect(found(check(until(half + 4 * MINUTE), half + 4 * MINUTE), 'stale-revision')).toBeUndefined()
    const finding = found(check(until(half + 20 * MINUTE), half + 20 * MINUTE), 'stale-revision')!
    expect(finding.evidence['producers']).toMatchObject([{ producerId: 'service-3-1', revision: 1 }])
    const late = events.filter(
      (event) =>
        isExposure(event) &&
        event.producerId === 'service-3-1' &&
        event.exposedAt > half + 5 * MINUTE &&
        event.exposedAt < half + 20 * MINUTE,
    ).length
    // Taken as even in time: within a fifth.
    expect(Math.abs(Number(finding.evidence['found']) / late - 1)).toBeLessThan(0.2)
  })
})

describe('clocks', () => {
  it('FAULTS 37: tell a skew histogram of each producer that is off', () => {
    const finding = found(
      check(log({ clock: (producer) => (producer === 1 ? 2 * MINUTE : 0) })),
      'clock-skew',
    )!
    const [worst] = finding.evidence['producers'] as readonly {
      readonly producerId: string
      readonly histogram: Readonly<Record<string, number>>
    }[]
    expect(worst?.producerId).toBe('service-3-1')
    expect(Object.keys(worst!.histogram)).toEqual(['5 s to 5 min ahead'])
  })

  it.each([
    ['a day behind', -1_440 * MINUTE, 'behind', 'caution'],
    ['ten years ahead', 3_650 * 1_440 * MINUTE, 'mistimed', 'broken'],
    ['of 1970', -BEGIN, 'mistimed', 'broken'],
  ] as const)('FAULTS 37: %s are told once, and what cannot be enters nothing', (_, offset, field, worst) => {
    const report = check(log({ clock: (producer) => (producer === 1 ? offset : 0) }))
    const { evidence, severity } = found(report, 'clock-skew')!
    expect(report.findings.filter(({ code }) => code === 'clock-skew')).toHaveLength(1)
    expect(Number(evidence[field])).toBeGreaterThan(500)
    expect(severity).toBe(worst)
    expect(found(report, 'stale-data')).toBeUndefined()
    const whole = check(log()).counts.uniqueExposures
    if (field === 'mistimed') expect(report.counts.uniqueExposures).toBeLessThan(0.9 * whole)
    else expect(report.counts.uniqueExposures).toBe(whole)
  })

  it('FAULTS 35: events 30 days late count, are told with their producer, and move no unit', () => {
    const month = 30 * 1_440 * MINUTE
    const events = log().map((event) =>
      isExposure(event) && event.producerId === 'service-3-2'
        ? { ...event, receivedAt: event.exposedAt + month }
        : event,
    )
    const report = check(events)
    expect(report.sampleRatio).toEqual(check(log()).sampleRatio)
    expect(found(report, 'late-events')).toMatchObject({
      severity: 'caution',
      evidence: { latestMs: month, producers: [{ producerId: 'service-3-2' }, {}, {}] },
    })
  })
})

describe('an incomplete record', () => {
  it('tells the producers that write less than others', () => {
    const events = log().map((event) => {
      if (event.producerId !== 'service-3-1') return event
      const { armSequence: _, context: __, ...old } = event as ExposureEvent
      return { ...old, sdk: 'fairtrial/0.9' } as LogEvent
    })
    const finding = found(check(events), 'incomplete-record')
    expect(finding).toMatchObject({
      severity: 'note',
      evidence: { producers: [{ producerId: 'service-3-1', sdk: 'fairtrial/0.9' }] },
    })
    expect(Object.keys(finding!.evidence['lacking'] as object)).toEqual(['unnumbered', 'withoutContext'])
    const none = log().map((event) => (isExposure(event) ? { ...event, context: undefined } : event))
    expect(found(check(none as LogEvent[]), 'incomplete-record')).toBeUndefined()
  })
})

import { defineExperiment } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { alter, asOf, check, codes, found } from '../test/audited.ts'
import { definition, experiment, isOutcome, seeded, syntheticLog } from '../test/synthetic-log.ts'
import { createAudit, foldAudit } from './audit.ts'
import { audit, auditReport } from './report.ts'

describe('a clean log', () => {
  it('is trusted, with everything counted', () => {
    const events = syntheticLog()
    const report = check(events)
    expect(report).toMatchObject({ verdict: 'trusted', findings: [], experiment: 'ranking', asOf })
    expect(report.counts).toEqual({
      exposures: 2_000,
      uniqueExposures: 2_000,
      outcomes: events.filter(isOutcome).length,
      replayed: 2_000,
      replayMismatches: 0,
      producers: 3,
      missingEvents: 0,
    })
  })

  it('gives the same report in portions, in any order', () => {
    const events = syntheticLog({ units: 500 })
    const random = seeded(5)
    const shuffled = events.map((event) => ({ event, at: random() })).toSorted((a, b) => a.at - b.at)
    const folded = createAudit(experiment)
    for (let i = 0; i < shuffled.length; i += 37)
      foldAudit(
        folded,
        shuffled.slice(i, i + 37).map(({ event }) => event),
      )
    expect(auditReport(folded, { asOf })).toEqual(check(events))
  })

  it('raises no alarm in 200 of them but the few cautions that their tests allow', () => {
    let cautions = 0
    for (let seed = 1; seed <= 200; seed++) {
      const report = check(syntheticLog({ seed, units: 600 }))
      expect(report.verdict).not.toBe('broken')
      if (report.verdict === 'caution') cautions++
    }
    // 200 × (0.01 for the sample ratio + 0.001 for the join): 2.2 expected, at most.
    expect(cautions).toBeLessThanOrEqual(6)
  })

  it('says that eligibility cannot be replayed, and is trusted all the same', () => {
    const of = defineExperiment({ ...definition, eligibility: { attribute: 'plan', equals: 'premium' } })
    const loggedAs = alter(syntheticLog({ of: experiment }), { fingerprint: of.fingerprint }, () => true)
    const report = audit(of, loggedAs, { asOf })
    expect(report.verdict).toBe('trusted')
    expect(codes(report)).toEqual(['not-checked'])
  })
})

describe('sample ratio', () => {
  it('FAULTS 45: two per cent of one arm lost in logging breaks the audit, with the size told', () => {
    const events = syntheticLog({ units: 400_000, seed: 3, loss: { model: 0.02 }, outcomes: false })
    const report = check(events)
    const finding = found(report, 'sample-ratio')
    expect(report.verdict).toBe('broken')
    expect(report.sampleRatio?.anytimePValue).toBeLessThan(0.001)
    expect(finding?.severity).toBe('broken')
    const { control = 0, model = 0 } = report.sampleRatio?.observed ?? {}
    expect(model / control).toBeLessThan(0.99)
    expect(finding?.detail).toContain(`model has ${model.toLocaleString('en-US')} units`)
    expect(finding?.evidence['largestDeviation']).toBeCloseTo(
      Math.abs(model - control) / (model + control),
      9,
    )
  })

  it('FAULTS 45: one arm losing fifteen per cent is found in a few thousand units', () => {
    expect(
      found(check(syntheticLog({ units: 8_000, loss: { model: 0.15 } })), 'sample-ratio')?.severity,
    ).toBe('broken')
  })

  it('FAULTS 45: stays broken once it was, when what was missing comes after all', () => {
    const folded = createAudit(experiment)
    foldAudit(folded, syntheticLog({ units: 8_000, loss: { model: 0.15 } }))
    expect(auditReport(folded, { asOf }).verdict).toBe('broken')
    foldAudit(folded, syntheticLog({ units: 8_000 }))
    const { sampleRatio, findings } = auditReport(folded, { asOf })
    expect(sampleRatio?.logBayesFactor).toBeLessThan(0)
    expect(sampleRatio?.anytimePValue).toBeLessThan(0.001)
    expect(findings[0]).toMatchObject({ code: 'sample-ratio', severity: 'broken' })
  })

  it('multiplies phases into one test: what neither shows alone, both together show', () => {
    const phase = (number: number, seed: number) =>
      syntheticLog({ units: 4_000, seed, phase: number, loss: { model: 0.13 } })
    const [one, two] = [phase(1, 21), phase(2, 22)]
    const alone = [check(one, { phase: 1 }), check(two, { phase: 2 })].map(
      (report) => report.sampleRatio?.logBayesFactor ?? 0,
    )
    const together = check([...one, ...two], { phase: 2 })
    expect(together.sampleRatio?.logBayesFactor).toBeCloseTo(alone[0]! + alone[1]!, 9)
    expect(together.sampleRatio?.observed).toEqual(check(two, { phase: 2 }).sampleRatio?.observed)
  })

  it('FAULTS 45: takes a phase under another definition in, against the weights it had', () => {
    const before = defineExperiment({ ...definition, variants: [...definition.variants].toReversed() })
    const one = syntheticLog({ of: before, units: 4_000, seed: 21, phase: 1, loss: { model: 0.13 } })
    const two = syntheticLog({ units: 4_000, seed: 22, phase: 2, loss: { model: 0.13 } })
    const alone = [
      audit(before, one, { asOf, phase: 1 }).sampleRatio!.logBayesFactor,
      check(two, { phase: 2 }).sampleRatio!.logBayesFactor,
    ] as const
    const earlier = [{ phase: 1, fingerprint: before.fingerprint, weights: { model: 1, control: 1 } }]
    const folded = createAudit(experiment, { phase: 2, earlier })
    foldAudit(folded, [...two, ...one])
    const { sampleRatio, counts } = auditReport(folded, { asOf })
    expect(sampleRatio?.logBayesFactor).toBeCloseTo(alone[0] + alone[1], 9)
    expect(counts.exposures).toBe(two.filter((event) => 'exposureId' in event).length)
  })

  it('FAULTS 45: never takes a unit that comes back in the next phase for more evidence', () => {
    // A chance imbalance, as one trial in a hundred has it.
    const chance = (phase: number) => syntheticLog({ units: 4_000, seed: 21, phase, loss: { model: 0.13 } })
    const once = check(chance(1), { phase: 1 }).sampleRatio!.logBayesFactor
    const both = check([...chance(1), ...chance(2)], { phase: 2 }).sampleRatio!.logBayesFactor
    expect(once).toBeGreaterThan(1)
    expect(both).toBeLessThan(once)
  })

  it('FAULTS 45: finds the loss of units that come back', () => {
    const whole = (phase: number) => syntheticLog({ units: 8_000, seed: 4, phase, loss: {} })
    const lossy = syntheticLog({ units: 8_000, seed: 4, phase: 2, loss: { model: 0.16 } })
    expect(check([...whole(1), ...whole(2)], { phase: 2 }).verdict).toBe('trusted')
    expect(found(check([...whole(1), ...lossy], { phase: 2 }), 'sample-ratio')?.severity).toBe('broken')
  })

  it('takes the last counts of phases in that the log does not hold', () => {
    const folded = createAudit(experiment, { phase: 2 })
    foldAudit(folded, syntheticLog({ phase: 2 }))
    const alone = auditReport(folded, { asOf })
    const after = auditReport(folded, { asOf, phases: [{ counts: [9_000, 1_500], weights: [9, 1] }] })
    expect(alone.verdict).toBe('trusted')
    expect(after.verdict).toBe('broken')
  })
})

describe('loss', () => {
  it('counts gaps for each producer, and breaks above what is tolerated', () => {
    const events = syntheticLog()
    const few = events.filter((_, i) => i !== 100)
    expect(found(check(few), 'sequence-gap')).toMatchObject({ severity: 'caution', evidence: { missing: 1 } })
    const many = events.filter((_, i) => i % 40 !== 0 || i === 0)
    const report = check(many)
    expect(found(report, 'sequence-gap')?.severity).toBe('broken')
    expect(report.counts.missingEvents).toBe(events.length - many.length)
  })

  it('takes a gap back when the event arrives after all', () => {
    const events = syntheticLog({ units: 100 })
    const folded = createAudit(experiment)
    foldAudit(
      folded,
      events.filter((_, i) => i !== 20),
    )
    expect(auditReport(folded, { asOf }).counts.missingEvents).toBe(1)
    foldAudit(folded, [events[20]!])
    expect(auditReport(folded, { asOf })).toMatchObject({ verdict: 'trusted', counts: { missingEvents: 0 } })
  })

  it('tells lines that could not be read', () => {
    expect(found(check(syntheticLog(), { unreadableLines: 1 }), 'unreadable-lines')?.severity).toBe('caution')
    expect(found(check(syntheticLog(), { unreadableLines: 500 }), 'unreadable-lines')?.severity).toBe(
      'broken',
    )
  })
})

import { AuditReport, defineExperiment } from '@fairtrial/protocol'
import type { Experiment } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { definition, experiment, seeded } from '../../test/synthetic-log.ts'
import { auditTable } from '../audit-table.ts'
import { profileUnits } from '../unit-profile.ts'

const asOf = 1_000

/** Audits a table along `country`: for each segment so many units in control and in model. */
function auditSegments(segments: { readonly [country: string]: readonly [number, number] }, of = experiment) {
  const rows = Object.entries(segments).flatMap(([country, [control, model]]) => [
    ...Array.from({ length: control }, () => ['control', country]),
    ...Array.from({ length: model }, () => ['model', country]),
  ])
  return auditRows(rows, ['country'], of)
}

function auditRows(rows: readonly string[][], dimensions: readonly string[], of: Experiment = experiment) {
  const profile = profileUnits(of, [['arm', ...dimensions], ...rows], { variantColumn: 'arm', dimensions })
  const unitsOf = (arm: string) => rows.filter(([text]) => text === arm).length
  const units = { control: unitsOf('control'), model: unitsOf('model') }
  const report = auditTable(of, { units, asOf }, { profile })
  expect(AuditReport.parse(report)).toEqual(report)
  return report
}

const found = (report: AuditReport) => report.findings.filter(({ code }) => code === 'sample-ratio-segment')

describe('the sample ratio along a dimension', () => {
  it('C8: says in which segment one arm loses units, where the whole shows a mild mismatch', () => {
    const report = auditSegments({
      DE: [2_000, 2_010],
      FR: [1_500, 1_300],
      IT: [1_000, 1_020],
      '': [500, 490],
    })
    expect(report.dimensions).toHaveLength(1)
    const [check] = report.dimensions!
    expect(check).toMatchObject({ dimension: 'country', distinct: 4, maximumSegments: 10 })
    expect(check?.segments.map(({ segment }) => segment)).toEqual(['FR', 'DE', 'IT', ''])
    const [worst] = check!.segments
    // Pearson's chi-square of 1,500 against 1,300 is 200²/2,800; four segments, so Holm takes p times 4.
    expect(worst?.chiSquare).toBeCloseTo(14.285714285714286, 9)
    expect(worst?.pValue).toBeCloseTo(1.5705228e-4, 9)
    expect(worst?.adjustedP).toBeCloseTo(4 * Number(worst?.pValue), 12)
    expect(worst?.largestDeviation).toBeCloseTo(100 / 1_400, 12)
    const [finding] = found(report)
    expect(finding?.severity).toBe('caution')
    expect(finding?.detail).toContain(
      '1 of 4 segments is off the sample ratio: "FR" with control 1,500, model 1,300 (off by up to 7.14 %, adjusted p 0.000628)',
    )
  })

  it('C8: tells a fault in one segment from one that all segments share', () => {
    const shared = auditSegments({ DE: [3_000, 2_600], FR: [3_000, 2_600] })
    expect(found(shared)[0]?.detail).toContain('All may be off alike (p 1): look for one cause.')
    const lopsided = auditSegments({ DE: [3_000, 2_600], FR: [2_600, 3_000] })
    expect(lopsided.sampleRatio?.pValue).toBe(1)
    expect(found(lopsided)[0]?.detail).toMatch(/2 of 2 segments .* Segments differ \(p .*e-14\)\./)
  })

  it('C8: tells segments that differ though none is off by itself', () => {
    const counts = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`c${i}`, i % 2 ? [545, 455] : [455, 545]] as const),
    )
    const [finding] = found(auditSegments(counts as { [country: string]: [number, number] }))
    expect(finding?.detail).toMatch(
      /^By country, segments differ in their sample ratio \(p 1\.\d+e-13\), though/,
    )
  })

  it('FAULTS 52: of a column with a text for every unit the largest are told, the rest together, and the limit', () => {
    const rows = [
      ...Array.from({ length: 20_000 }, (_, i) => [i % 2 ? 'control' : 'model', `id-${i}`]),
      ...Array.from({ length: 12 }, (_, i) =>
        Array.from({ length: 100 + i }, (_, n) => [n % 2 ? 'control' : 'model', `large-${i}`]),
      ).flat(),
      ...Array.from({ length: 500 }, () => ['control', 'bot']),
    ]
    const report = auditRows(rows, ['browser'])
    const [check] = report.dimensions!
    expect(check).toMatchObject({ distinct: 20_013, maximumSegments: 10 })
    expect(check?.segments).toHaveLength(11)
    const names = check!.segments.map(({ segment }) => segment)
    expect(names[0]).toBe('bot')
    expect(new Set(names)).toEqual(
      new Set(['bot', null, ...[3, 4, 5, 6, 7, 8, 9, 10, 11].map((i) => `large-${i}`)]),
    )
    const told = check!.segments.flatMap(({ observed }) => Object.values(observed))
    expect(told.reduce((a, b) => a + b)).toBe(rows.length)
    expect(found(report)[0]?.detail).toContain(
      'Of 20,013 different texts the largest are told apart, at most 10.',
    )
  })

  it('leaves what has too few units to the others, and says where these are too few as well', () => {
    const [check] = auditSegments({ DE: [50, 50], LI: [3, 0], MC: [1, 2] }).dimensions!
    expect(check?.segments).toEqual([
      expect.objectContaining({ segment: 'DE', adjustedP: 1 }),
      expect.objectContaining({
        segment: null,
        observed: { control: 4, model: 2 },
        adjustedP: { notEstimable: expect.objectContaining({ code: 'too-few-units' }) },
      }),
    ])
    expect(check?.heterogeneityP).toMatchObject({ notEstimable: { code: 'not-applicable' } })
    expect(auditSegments({}).dimensions).toMatchObject([{ distinct: 0, segments: [] }])
  })

  it('corrects for every dimension that is looked at', () => {
    const rows = Array.from({ length: 2_800 }, (_, i) => [
      i < 1_500 ? 'control' : 'model',
      'x',
      String(i % 2),
    ])
    const [alone] = auditRows(
      rows.map(([arm, x]) => [arm!, x!]),
      ['one'],
    ).dimensions!
    const [first] = auditRows(rows, ['one', 'two']).dimensions!
    expect(first?.segments[0]?.adjustedP).toBeCloseTo(2 * Number(alone?.segments[0]?.adjustedP), 12)
  })

  it('raises no alarm in 300 tables of three dimensions but the few that its error rate allows', () => {
    const random = seeded(8)
    let alarms = 0
    for (let table = 0; table < 300; table++) {
      const rows = Array.from({ length: 400 }, () => [
        random() < 0.5 ? 'control' : 'model',
        ...[4, 9, 40].map((texts) => String(Math.floor(random() * random() * texts))),
      ])
      alarms += found(auditRows(rows, ['a', 'b', 'c'])).length
    }
    // 0.001 for the segments and 0.001 for their differences, in each of 300: 0.6 expected, at most.
    expect(alarms).toBeLessThanOrEqual(3)
  })

  it('does not judge units by themselves that were assigned by clusters', () => {
    const clustered = defineExperiment({
      ...definition,
      cluster: { unitType: 'household', attribute: 'house' },
    })
    const report = auditSegments({ DE: [2_000, 1_000], FR: [1_000, 2_000] }, clustered)
    expect(found(report)).toEqual([])
    expect(report.dimensions?.[0]?.heterogeneityP).toMatchObject({ notEstimable: { code: 'not-applicable' } })
  })

  it('never gives p as 0, however far off', () => {
    const report = auditSegments({ DE: [90_000, 10_000], FR: [10_000, 90_000] })
    const [check] = report.dimensions!
    expect(check?.heterogeneityP).toBeGreaterThan(0)
    for (const { pValue, adjustedP } of check!.segments) {
      expect(pValue).toBeGreaterThan(0)
      expect(adjustedP).toBeGreaterThan(0)
    }
    expect(auditSegments({ DE: [90_000, 10_000] }).sampleRatio?.pValue).toBeGreaterThan(0)
  })
})

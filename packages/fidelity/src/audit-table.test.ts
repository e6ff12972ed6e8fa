import { defineExperiment } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { definition, experiment } from '../test/synthetic-log.ts'
import { auditTable } from './audit-table.ts'

const table = (control: number, model: number) =>
  auditTable(experiment, { units: { control, model }, asOf: 1_000 })

describe('auditTable', () => {
  it('trusts an even split, and tells what a table cannot show', () => {
    const report = table(50_100, 49_900)
    expect(report.verdict).toBe('trusted')
    expect(new Set(report.findings.map(({ code }) => code))).toEqual(new Set(['not-checked']))
    expect(report.sampleRatio?.chiSquare).toBeCloseTo(0.4, 12)
  })

  it('tells the mild mismatch of Cookie Cats at its size: 44,700 to 45,489', () => {
    const report = table(44_700, 45_489)
    expect(report.verdict).toBe('caution')
    expect(report.sampleRatio?.pValue).toBeCloseTo(0.00861, 5)
    expect(report.findings[0]?.detail).toContain(
      'control has 44,700 units, 45,094.5 expected (−0.87 %); model has 45,489 units, 45,094.5 expected (+0.87 %); chi-square p 0.00861',
    )
  })

  it('is broken by a gross mismatch', () => {
    expect(table(44_000, 46_000).verdict).toBe('broken')
  })

  it('C8: goes by the test that is right for any number of units where few are expected on an arm', () => {
    const rare = defineExperiment({
      ...definition,
      variants: [
        { name: 'control', weight: 99 },
        { name: 'model', weight: 1 },
      ],
    })
    // Chance has two or more of 20 there once in 59 times; the chi-square of 16.4 would call it broken.
    const report = auditTable(rare, { units: { control: 18, model: 2 }, asOf: 1_000 })
    expect(report.sampleRatio?.pValue).toBeLessThan(0.0001)
    expect(report.verdict).toBe('trusted')
    const gross = auditTable(rare, { units: { control: 100, model: 100 }, asOf: 1_000 })
    expect(gross.findings[0]).toMatchObject({ severity: 'broken' })
    expect(gross.findings[0]?.detail).toContain('anytime-valid p')
  })

  it('C8: is not broken by less than a thousandth, which millions of units make significant', () => {
    const mild = table(50_040_000, 49_960_000)
    expect(mild.sampleRatio?.pValue).toBeLessThan(1e-10)
    expect(mild.findings[0]).toMatchObject({ code: 'sample-ratio', severity: 'caution' })
    expect(table(50_060_000, 49_940_000).verdict).toBe('broken')
  })

  it('has no ratio without units', () => {
    expect(table(0, 0)).toMatchObject({
      verdict: 'caution',
      sampleRatio: null,
      findings: [{ code: 'no-data' }, {}, {}, {}, {}],
    })
  })

  it('tells the rows of no variant, by their texts', () => {
    const unknownVariants = [
      { text: 'Model', rows: 60 },
      { text: '', rows: 40 },
    ]
    const report = auditTable(
      experiment,
      { units: { control: 450, model: 450 }, asOf: 1_000 },
      { unknownVariants },
    )
    expect(report.verdict).toBe('caution')
    expect(report.findings[0]).toMatchObject({
      code: 'unknown-variant',
      detail: '100 rows (10 %) of no variant of the definition: "Model", ""; they are left out.',
    })
  })
})

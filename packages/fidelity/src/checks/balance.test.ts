import { AuditReport, defineExperiment } from '@fairtrial/protocol'
import type { Experiment } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { definition, experiment, seeded } from '../../test/synthetic-log.ts'
import { auditTable } from '../audit-table.ts'
import { profileUnits } from '../unit-profile.ts'

/** Audits a table with columns `arm` and the covariates, a row a unit. */
function auditCovariates(
  rows: readonly (readonly [arm: string, ...values: (string | number)[]])[],
  covariates: readonly string[] = ['age'],
  of: Experiment = experiment,
) {
  const table = [['arm', ...covariates], ...rows.map((row) => row.map(String))]
  const profile = profileUnits(of, table, { variantColumn: 'arm', covariates })
  const units = Object.fromEntries(
    of.variants.map(({ name }) => [name, rows.filter(([arm]) => arm === name).length]),
  )
  const report = auditTable(of, { units, asOf: 1_000 }, { profile })
  expect(AuditReport.parse(report)).toEqual(report)
  return report
}

const found = (report: AuditReport) => report.findings.find(({ code }) => code === 'covariate-imbalance')

/** Normal values, by Box and Muller. */
function normals(seed: number): () => number {
  const random = seeded(seed)
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Units whose age differs by `shift` standard deviations between the arms. */
function shifted(units: number, shift: number) {
  const normal = normals(3)
  return Array.from({ length: 2 * units }, (_, i) =>
    i % 2 ? (['control', 40 + 10 * normal()] as const) : (['model', 40 + 10 * (normal() + shift)] as const),
  )
}

describe('the balance of covariates', () => {
  it('B13: tells mean, variance and standardised difference of each, against control', () => {
    const report = auditCovariates([
      ['control', 1],
      ['control', 2],
      ['control', 3],
      ['model', 2],
      ['model', 4],
      ['model', 6],
      ['model', ''],
    ])
    expect(report.balance).toEqual([
      {
        covariate: 'age',
        variants: {
          control: { n: 3, missing: 0, mean: 2, variance: 1 },
          model: { n: 3, missing: 1, mean: 4, variance: 4 },
        },
        comparisons: {
          // 2 / √((1 + 4) / 2); mpmath 1.3.0: t = 1.549193, df = 2.941176, and this p.
          model: {
            standardizedDifference: expect.closeTo(2 / Math.sqrt(2.5), 12),
            adjustedP: expect.closeTo(0.2208808404940959, 12),
          },
        },
      },
    ])
    expect(found(report)).toBeUndefined()
  })

  it('B13: breaks the audit where a difference is large and no chance, and cautions where it is small', () => {
    const large = auditCovariates(shifted(3_000, 0.2))
    expect(large.verdict).toBe('broken')
    expect(found(large)?.detail).toMatch(
      /^Arms differ before the exposure by more than chance: age, model against control, by \+0\.\d\d standard deviations \(adjusted p [\d.]+e-\d+\)\.$/,
    )
    const small = auditCovariates(shifted(20_000, 0.05))
    expect(found(small)?.severity).toBe('caution')
    expect(found(auditCovariates(shifted(3_000, 0)))).toBeUndefined()
  })

  it('B13: takes the number of covariates and arms into account', () => {
    const normal = normals(5)
    const of = defineExperiment({
      ...definition,
      variants: [...definition.variants, { name: 'other', weight: 1 }],
    })
    const names = Array.from({ length: 20 }, (_, i) => `x${i}`)
    let unadjusted = 0
    let alarms = 0
    for (let table = 0; table < 40; table++) {
      const rows = Array.from(
        { length: 150 },
        (_, i) => [['control', 'model', 'other'][i % 3]!, ...names.map(() => normal())] as const,
      )
      const report = auditCovariates(rows, names, of)
      for (const { comparisons } of report.balance!) {
        expect(Object.keys(comparisons)).toEqual(['model', 'other'])
        for (const { standardizedDifference } of Object.values(comparisons))
          if (Math.abs(Number(standardizedDifference)) > 2.576 * Math.sqrt(2 / 50)) unadjusted += 1
      }
      if (found(report) !== undefined) alarms += 1
    }
    // 1,600 tests at 0.01 are wrong 16 times; 40 families at 0.01, 0.4 times.
    expect(unadjusted).toBeGreaterThan(5)
    expect(alarms).toBeLessThanOrEqual(3)
  })

  it('reads true and false, and says where there is nothing to compare', () => {
    const report = auditCovariates(
      [
        ['control', 'TRUE', 5, ''],
        ['control', 'false', 5, ''],
        ['model', 'True', 5, 'nan'],
        ['model', 'TRUE', 5, 'inf'],
      ],
      ['paid', 'constant', 'missing'],
    )
    expect(report.balance?.map(({ variants }) => variants['control'])).toMatchObject([
      { n: 2, mean: 0.5 },
      { n: 2, variance: 0 },
      { n: 0, missing: 2, mean: { notEstimable: { code: 'no-data' } } },
    ])
    expect(report.balance?.slice(1).map(({ comparisons }) => comparisons['model'])).toMatchObject([
      {
        standardizedDifference: { notEstimable: { code: 'zero-variance' } },
        adjustedP: { notEstimable: {} },
      },
      { standardizedDifference: { notEstimable: { code: 'no-data' } }, adjustedP: { notEstimable: {} } },
    ])
  })

  it('does not judge units by themselves that were assigned by clusters', () => {
    const clustered = defineExperiment({
      ...definition,
      cluster: { unitType: 'household', attribute: 'house' },
    })
    const report = auditCovariates(shifted(3_000, 0.3), ['age'], clustered)
    expect(found(report)).toBeUndefined()
    const { standardizedDifference, adjustedP } = report.balance![0]!.comparisons['model']!
    expect(standardizedDifference).toBeGreaterThan(0.2)
    expect(adjustedP).toMatchObject({ notEstimable: { code: 'not-applicable' } })
  })
})

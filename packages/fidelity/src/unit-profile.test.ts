import { defineExperiment, ExperimentError } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { definition, experiment } from '../test/synthetic-log.ts'
import { profileUnits } from './unit-profile.ts'

const columns = { variantColumn: 'arm', unitColumn: 'unit', dimensions: ['country'], covariates: ['age'] }
const header = ['unit', 'country', 'age', 'arm']
const rows = [
  ['a', 'DE', '30', 'control'],
  ['a', 'FR', '99', 'control'],
  ['b', 'DE', '40', 'model'],
  ['c', 'FR', '50', 'control'],
  ['c', 'FR', '50', 'model'],
  ['d', 'IT', '60', 'Control'],
]

describe('profileUnits', () => {
  it('counts a unit once, one in two arms not at all, and none of another variant', () => {
    const { unitIds, dimensions, covariates } = profileUnits(experiment, [header, ...rows], columns)
    expect(unitIds).toEqual(['a', 'b', 'c'])
    expect(dimensions).toEqual([
      { dimension: 'country', maximumSegments: 10, segments: new Map([['DE', [1, 1]]]) },
    ])
    expect(covariates[0]?.arms.map(({ moments }) => moments.mean)).toEqual([30, 40])
  })

  it('counts one in two arms where it was first, by the policy of that name', () => {
    const first = defineExperiment({
      ...definition,
      analysis: { ...definition.analysis, crossover: 'first' },
    })
    const { covariates } = profileUnits(first, [header, ...rows], columns)
    expect(covariates[0]?.arms.map(({ moments }) => moments.n)).toEqual([2, 1])
  })

  it('counts every row without a column that names units', () => {
    const { unitColumn: _, ...anonymous } = columns
    const { unitIds, dimensions } = profileUnits(experiment, [header, ...rows], anonymous)
    expect(unitIds).toEqual([])
    expect(dimensions[0]?.segments.get('FR')).toEqual([2, 1])
  })

  it('reads variants by their values, and what the plan names', () => {
    const of = defineExperiment({
      ...definition,
      variants: [
        { name: 'control', weight: 1, value: '0' },
        { name: 'model', weight: 1, value: '1' },
      ],
      metrics: {
        ...definition.metrics,
        watched: { ...definition.metrics.watched, covariates: [{ column: 'age' }, { before: '7d' }] },
      },
      dimensions: {
        place: { column: 'country', known: 'before-exposure', maximumSegments: 3 },
        mood: { known: 'after-exposure' },
        absent: { known: 'before-exposure' },
      },
    })
    const table = [
      ['arm', 'country', 'mood', 'age'],
      ['0', 'DE', 'good', '1'],
      ['1', 'DE', 'bad', '2'],
    ]
    const planned = profileUnits(of, table, { variantColumn: 'arm' })
    expect(planned.dimensions).toEqual([
      { dimension: 'place', maximumSegments: 3, segments: new Map([['DE', [1, 1]]]) },
    ])
    expect(planned.covariates.map(({ covariate }) => covariate)).toEqual(['age'])
    const asked = { variantColumn: 'arm', dimensions: ['country', 'mood', 'mood'], covariates: ['age'] }
    const both = profileUnits(of, table, asked)
    expect(both.dimensions.map(({ dimension }) => dimension)).toEqual(['place', 'mood'])
    expect(both.covariates).toHaveLength(1)
  })

  it('refuses a column that is not there, and a covariate that is no number', () => {
    const refused = (table: readonly (readonly string[])[], options = columns) => {
      try {
        profileUnits(experiment, table, options)
      } catch (error) {
        if (error instanceof ExperimentError) return `${error.code}: ${error.message} ${error.remedy}`
      }
      return 'no error'
    }
    expect(refused([header], { ...columns, dimensions: ['city'] })).toContain(
      'invalid-table: The table has no column "city"; it has "unit", "country", "age", "arm".',
    )
    expect(refused([header, ...rows, ['e', 'DE', 'old', 'model']])).toContain(
      'invalid-table: Row 7, column "age": "old" is no number, as a covariate must be.',
    )
  })

  it('of no rows knows nothing', () => {
    expect(profileUnits(experiment, [], columns)).toEqual({ unitIds: [], dimensions: [], covariates: [] })
  })
})

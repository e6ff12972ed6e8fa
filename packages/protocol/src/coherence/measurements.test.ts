import { describe, expect, it } from 'vitest'
import { changed, problemsOf } from '../../test/refusal.ts'
import { parseDefinition } from '../define.ts'

const MEASURED = { type: 'mean', source: 'measurements', role: 'secondary', direction: 'decrease' }

const withMeasured = (fields: object, more: (definition: any) => void = () => {}) =>
  changed((definition) => {
    definition.metrics.x = { ...MEASURED, ...fields }
    more(definition)
  })

describe('a metric from measurements', () => {
  it.each([
    ['a mean', {}],
    ['a proportion', { type: 'proportion' }],
    ['a quantile', { type: 'quantile', quantile: 0.95 }],
    ['exploratory', { role: 'exploratory' }],
  ])('may be %s, without a window', (_, fields) => {
    const { fingerprint, ...sealed } = parseDefinition(withMeasured(fields))
    expect(sealed.metrics['x']).toMatchObject({ source: 'measurements', window: '0s', event: 'x' })
    expect(parseDefinition(sealed)).toEqual({ ...sealed, fingerprint })
  })

  it.each<[string, object, string]>([
    ['a count', { type: 'count' }, 'type: A count is of units, and a measurement is of a request.'],
    ['primary', { role: 'primary' }, 'role: Looks are timed by units'],
    ['over a window', { window: '1d' }, 'window: Means something of the outcomes of a unit'],
    ['capped', { cap: { upper: 1 } }, 'cap: Means something of the outcomes of a unit'],
    ['adjusted', { covariates: [{ before: '1d' }] }, 'covariates: Means something of the outcomes of a unit'],
    ['told by day', { byDay: true }, 'byDay: Means something of the outcomes of a unit'],
    ['adopted', { adoption: true }, 'adoption: Means something of the outcomes of a unit'],
    ['a quantile at none', { type: 'quantile' }, 'quantile: Nothing says which quantile.'],
  ])('is not %s', (_, fields, problem) => {
    expect(problemsOf(withMeasured(fields))).toContainEqual(
      expect.stringMatching(new RegExp(`^metrics\\.x\\.${problem}`)),
    )
  })

  it('is not of clusters that are assigned together', () => {
    const clustered = withMeasured({}, (definition) => {
      definition.cluster = { unitType: 'household', attribute: 'householdId' }
    })
    expect(problemsOf(clustered)).toContainEqual(
      expect.stringMatching(/^metrics\.x\.source: Measurements are/),
    )
  })

  it('leaves the window to outcomes, which must have one', () => {
    const without = changed((definition) => delete definition.metrics.latency.window)
    expect(problemsOf(without)).toEqual(['metrics.latency.window: Is missing.'])
  })
})

import { describe, expect, it } from 'vitest'
import { changed, problemsOf } from '../../test/refusal.ts'
import { parseDefinition } from '../define.ts'

describe('dimensions', () => {
  const strata = (dimensions: object) => changed((definition) => (definition.dimensions = dimensions))

  it('stratify by one, known before the exposure', () => {
    const before = { known: 'before-exposure', stratify: true }
    expect(problemsOf(strata({ country: before, tenure: before }))).toEqual([
      'dimensions.tenure.stratify: country stratifies already.',
    ])
    expect(problemsOf(strata({ active: { known: 'after-exposure', stratify: true } }))).toEqual([
      'dimensions.active.stratify: active is known only after the exposure, so that it may itself be an effect, which strata would take out.',
    ])
    const sound = { country: before, active: { known: 'after-exposure', stratify: false } }
    expect(parseDefinition(strata(sound)).dimensions?.['country']).toEqual({
      ...before,
      column: 'country',
      maximumSegments: 10,
    })
  })
})

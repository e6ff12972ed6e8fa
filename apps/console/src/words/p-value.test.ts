import type { Comparison } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { explainP } from './p-value.ts'

const none = { notEstimable: { code: 'too-few-units', detail: '' } } as const
const comparison = (fields: object): Comparison =>
  ({
    method: 'confidence-sequence',
    anytimePValue: 0.0031,
    fixed: { pValue: 0.0004 },
    assumptions: ['Units are independent.'],
    ...fields,
  }) as unknown as Comparison

const explain = (fields: object, verdict: 'trusted' | 'caution' | 'broken' | null = 'trusted') =>
  explainP(
    { comparison: comparison(fields), metric: 'finished', variant: 'session', control: 'popularity' },
    verdict === null ? null : { verdict },
  )

describe('explainP', () => {
  it('reads the p that is valid at every look, not the one of a single look', () => {
    const { sentence } = explain({})
    expect(sentence).toContain('in no more than 4 of 1,000 trials (p = 0.0031)')
    expect(sentence).toContain('This is not the chance that they do the same.')
    expect(sentence).not.toContain('0.0004')
  })

  it('reads a p that makes up for having stopped before any other', () => {
    const { sentence } = explain({ afterStop: { pValue: 0.02 } })
    expect(sentence).toContain('2 of 100 trials (p = 0.02, for having stopped where it did)')
  })

  it('has no p for a plan with looks that has not decided', () => {
    expect(explain({ method: 'repeated' }).sentence).toContain('there is no p-value to read')
  })

  it('reads the p of a single look only where there is a single look', () => {
    expect(explain({ method: 'fixed' }).sentence).toContain('given that this is the only look')
  })

  it('gives a Bayesian plan its own words', () => {
    const { sentence } = explain({ method: 'credible', bayesian: { chanceToBeat: 0.974 } })
    expect(sentence).toContain('97.4 %')
    expect(sentence).toContain('no p-value')
  })

  it('does not read the absence of evidence as evidence', () => {
    expect(explain({ anytimePValue: 1 }).sentence).toContain('It does not show that they do, either.')
    expect(explain({ anytimePValue: none }).sentence).toContain('too few units')
  })

  it('has no p where the audit is broken, whatever the numbers say', () => {
    const { sentence } = explain({ anytimePValue: 1e-9 }, 'broken')
    expect(sentence).toBe('The audit is broken: no p-value of finished means anything now.')
  })

  it('rests on what the method assumes, and on an audit that may say no', () => {
    expect(explain({}).conditions).toEqual([
      'Units are independent.',
      'The events are what they seem; the audit trusts them.',
    ])
    expect(explain({}, 'broken').conditions.at(-1)).toContain('The audit says that they are not.')
    expect(explain({}, null).conditions.at(-1)).toContain('no audit')
  })
})

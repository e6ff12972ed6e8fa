import type { SealedMetric } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { assumptionsOf, type Reading } from './assumptions.ts'

const metric: SealedMetric = {
  type: 'mean',
  role: 'primary',
  direction: 'increase',
  window: '7d',
  event: 'watched',
  column: 'watched',
  whenMissing: 'zero',
  version: 1,
}
const assume = (changes: Partial<SealedMetric> = {}, reading: Partial<Reading> = {}) =>
  assumptionsOf(
    { ...metric, ...changes },
    { interval: 'confidence-sequence', estimator: 'welch', ...reading },
  )

describe('assumptions', () => {
  it('of a plain mean at any look', () => {
    expect(assume()).toEqual([
      'Units are independent of one another, and were assigned by the hash alone.',
      'A unit counts once its window of 7d has closed, with its final value.',
      'The confidence sequence is asymptotic: it holds once each arm has enough units for its mean to be nearly normal.',
    ])
  })

  it.each([
    ['a ratio', { type: 'ratio' }, { estimator: 'delta' }, 'by the delta method'],
    ['covariates', {}, { estimator: 'regression' }, 'Covariates were measured before the first exposure'],
    ['strata', {}, { estimator: 'stratified', strata: 'country' }, "A unit's country was known before"],
    ['a quantile', { type: 'quantile' }, { estimator: 'order-statistics' }, 'for any distribution'],
    ['rare events', { type: 'count', rareEvents: true }, {}, 'those of one unit too'],
    ['a cap', { cap: { upper: 100 } }, {}, 'capped at 100.'],
    ['a floor', { cap: { lower: 1 } }, {}, 'capped at no less than 1.'],
    ['both', { cap: { lower: 1, upper: 9 } }, {}, 'capped to between 1 and 9.'],
    ['a limit on events', { maximumEvents: 20 }, {}, "Of a unit's outcomes the first 20 count."],
    ['values left out', { whenMissing: 'exclude' }, {}, 'Units without a value are left out'],
    [
      'clusters',
      {},
      { estimator: 'clustered', cluster: 'household' },
      'Clusters (household) are independent',
    ],
    ['looks', {}, { interval: 'repeated' }, 'scheduled by information and not by the effect'],
    ['one look', {}, { interval: 'fixed' }, 'the one look of the plan'],
    ['a posterior', {}, { interval: 'credible' }, 'holds no error rate'],
  ] as const)('tell of %s', (_, changes, reading, sentence) => {
    expect(assume(changes, reading).join('\n')).toContain(sentence)
    expect(assume().join('\n')).not.toContain(sentence)
  })

  it('say of a quantile nothing of means, and of clusters nothing of units', () => {
    const quantile = assume({ type: 'quantile' }, { estimator: 'order-statistics' }).join('\n')
    expect(quantile).not.toContain('asymptotic')
    const clusters = assume({}, { estimator: 'clustered', cluster: 'household' }).join('\n')
    expect(clusters).toContain('enough clusters for its mean')
    expect(clusters).not.toContain('Units are independent')
    // Where clusters only grow, the count that looks go by stands still while the information does not.
    expect(clusters).toContain('a look counts those whose units are complete')
    const once = { estimator: 'clustered', cluster: 'household', interval: 'fixed' } as const
    expect(assume({}, once).join('\n')).not.toContain('whose units are complete')
  })
})

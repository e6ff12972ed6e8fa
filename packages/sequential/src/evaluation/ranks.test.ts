import type { MetricSummary } from '@fairtrial/protocol'
import { emptyMoments } from '@fairtrial/statistics'
import { expect, it } from 'vitest'
import { compareRanks } from './ranks.ts'

const arm = (histogram?: MetricSummary['histogram']): MetricSummary => ({
  closed: emptyMoments,
  current: emptyMoments,
  missing: 0,
  ...(histogram && { histogram }),
})

it('compares counted values by ranks', () => {
  // Of 1 1 2 3 5 8 13 and 2 2 4 6 9 9 21: scipy 1.17 mannwhitneyu, asymptotic, no continuity; numpy over all 49 differences.
  const control = [
    [1, 2],
    [2, 1],
    [3, 1],
    [5, 1],
    [8, 1],
    [13, 1],
  ] as const
  const treatment = [
    [2, 2],
    [4, 1],
    [6, 1],
    [9, 2],
    [21, 1],
  ] as const
  const read = compareRanks(arm(control), arm(treatment), 0.95)
  expect(read.z).toBeCloseTo(1.0933228053059043, 12)
  expect(read.pValue).toBeCloseTo(0.2742520933788143, 12)
  expect(read.commonLanguageEffect).toBeCloseTo(0.673469387755102, 12)
  expect(read).toMatchObject({ shift: 1, shiftInterval: [-4, 8] })
})

it('says why it cannot', () => {
  expect(compareRanks(arm(), arm([[1, 1]]), 0.95).z).toMatchObject({
    notEstimable: { code: 'not-applicable' },
  })
  const same = compareRanks(arm([[1, 9]]), arm([[1, 9]]), 0.95)
  expect(same.pValue).toMatchObject({ notEstimable: { code: 'zero-variance' } })
  const few = compareRanks(arm([[1, 1]]), arm([[2, 1]]), 0.95)
  expect(few.shiftInterval).toMatchObject({ notEstimable: { code: 'too-few-units' } })
})

import { expect, it } from 'vitest'
import {
  accumulate,
  accumulatedMoments,
  type CrossMoments,
  cancellationFactor,
  covarianceOf,
  createAccumulator,
  emptyCrossMoments,
  emptyMoments,
  isEstimable,
  type Moments,
  mergeCrossMoments,
  mergeMoments,
  momentsFromSums,
  momentsOf,
} from '../src/index.ts'
import { disagreements, type ReferenceCase } from './agreement.ts'
import reference from './reference/moments.json' with { type: 'json' }

const described = ({ n, mean, m2 }: Moments) => {
  const variance = m2 / (n - 1)
  return { n, mean, m2, variance, sd: Math.sqrt(variance) }
}

/** NumAcc3 is told, not listed: 1000000.2 once, then 1000000.1 and 1000000.3 alternating. */
const numAcc3 = [1000000.2, ...Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 1000000.1 : 1000000.3))]

function streamed(values: readonly number[]): Moments {
  const accumulator = createAccumulator()
  for (const value of values) accumulate(accumulator, value)
  return accumulatedMoments(accumulator)
}

const methods: Record<string, (input: any) => unknown> = {
  moments: (input) => described(momentsOf(input.x ?? numAcc3)),
  'moments-merge': (input) =>
    described((input.shards as Moments[]).reduce((a, b) => mergeMoments(a, b), emptyMoments)),
  'covariance-merge': (input) => {
    const shards = input.shards as CrossMoments[]
    const merged = shards.reduce((a, b) => mergeCrossMoments(a, b), emptyCrossMoments)
    const read = covarianceOf(merged)
    return isEstimable(read) && { n: merged.n, ...read, theta: read.slope }
  },
  'variance-from-sums': (input) => {
    const moments = momentsFromSums(input)
    return isEstimable(moments) && { ...described(moments), cancellationFactor: cancellationFactor(input) }
  },
}

for (const each of reference.cases as ReferenceCase[]) {
  const { certifiedMean: _mean, certifiedSd: _sd, ...expected } = each.expected
  it(`${each.id} agrees with exact arithmetic`, () => {
    expect(disagreements({ ...each, expected }, methods[each.method]!(each.input))).toEqual([])
  })
  if (each.method !== 'moments') continue
  it(`${each.id} agrees when streamed through an accumulator`, () => {
    expect(disagreements({ ...each, expected }, described(streamed(each.input.x ?? numAcc3)))).toEqual([])
  })
}

import {
  designEffect,
  isEstimable,
  meanDetectableDifference,
  meanSampleSize,
  noncentralTSf,
  normalQuantile,
  proportionSampleSize,
  type SampleSize,
  studentTQuantile,
  twoProportions,
  welch,
  clusteredDifference,
} from '@fairtrial/statistics'
import { binomial, normal, sampleOf } from '../draws.ts'
import { shareNear } from '../outcome.ts'
import type { Outcome, Row } from '../row.ts'
import { clusteredUnits } from './clusters.ts'

const ALPHA = 0.05
const CLUSTERS = 80

/** How often Welch's test finds a difference of means with units of variance 1. */
function foundShare(
  difference: number,
  { control, treatment }: Pick<SampleSize, 'control' | 'treatment'>,
  { trials, random }: Parameters<Row['run']>[0],
  planned: number,
): Outcome {
  const shifted = () => difference + random.normal()
  let hits = 0
  for (let i = 0; i < trials; i++) {
    const test = welch(
      sampleOf(random, normal, Math.ceil(control)),
      sampleOf(random, shifted, Math.ceil(treatment)),
    )
    if (isEstimable(test) && test.pValue <= ALPHA) hits++
  }
  return shareNear({ hits, trials }, planned)
}

const MEANS = { full: 40_000, short: 1_500 }

/** Power that is planned is power that there is. */
export const planningRows: readonly Row[] = [
  {
    name: 'planning/mean',
    claim: 'Power with the units of `meanSampleSize` for a difference of 0.3 sd and 80 %',
    source: 'meanSampleSize',
    trials: MEANS,
    run: (setting) => {
      const planned = { difference: 0.3, variance: 1, distribution: 't' } as const
      return foundShare(0.3, meanSampleSize(planned), setting, 0.8)
    },
  },
  {
    name: 'planning/mean-unequal',
    claim: '… for 90 %, with three units of treatment for each of control',
    source: 'meanSampleSize',
    trials: MEANS,
    run: (setting) => {
      const planned = { difference: 0.3, variance: 1, distribution: 't' } as const
      const sizes = meanSampleSize(planned, { power: 0.9, allocationRatio: 3 })
      return foundShare(0.3, sizes, setting, 0.9)
    },
  },
  {
    name: 'planning/detectable',
    claim: 'Power of 200 and 300 units at the difference of `meanDetectableDifference` for 80 %',
    source: 'meanDetectableDifference',
    trials: MEANS,
    run: (setting) => {
      const sizes = { control: 200, treatment: 300 }
      const difference = meanDetectableDifference({ variance: 1, distribution: 't' }, sizes)
      return foundShare(difference, sizes, setting, 0.8)
    },
  },
  {
    name: 'planning/proportion',
    claim: 'Power with the units of `proportionSampleSize` for 10 % against 12 % and 80 %',
    source: 'proportionSampleSize',
    trials: { full: 200_000, short: 10_000 },
    run: ({ trials, random }) => {
      const sizes = proportionSampleSize({ control: 0.1, treatment: 0.12 })
      const [n, m] = [Math.ceil(sizes.control), Math.ceil(sizes.treatment)]
      let hits = 0
      for (let i = 0; i < trials; i++) {
        const test = twoProportions(
          { successes: binomial(random, n, 0.1), n },
          { successes: binomial(random, m, 0.12), n: m },
        )
        if (isEstimable(test) && isEstimable(test.pooled) && test.pooled.pValue <= ALPHA) hits++
      }
      return shareNear({ hits, trials }, 0.8)
    },
  },
  {
    name: 'planning/clusters',
    claim:
      'Power of 80 clusters of 20, intra-cluster correlation 0.1, at the difference planned for 80 % by `designEffect`',
    source: 'Eldridge, Ashby & Kerry 2006',
    trials: { full: 20_000, short: 100 },
    run: ({ trials, random }) => {
      const sizes = { control: 800, treatment: 800 }
      const difference = meanDetectableDifference({ variance: 1 }, sizes, {
        inflation: designEffect(20, 0.1),
      })
      let hits = 0
      for (let i = 0; i < trials; i++) {
        const units = clusteredUnits(random, {
          sizes: Array.from({ length: CLUSTERS }, () => 20),
          difference,
        })
        const test = clusteredDifference(units, { variance: 'CR1' })
        if (isEstimable(test) && test.pValue <= ALPHA) hits++
      }
      // What 80 % are once the spread is estimated from so many clusters.
      const critical = -studentTQuantile(ALPHA / 2, CLUSTERS - 1)
      const shift = normalQuantile(0.8) - normalQuantile(ALPHA / 2)
      return shareNear({ hits, trials }, noncentralTSf(critical, CLUSTERS - 1, shift))
    },
  },
]

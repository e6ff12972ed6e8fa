import { type PhaseCounts, sampleRatioTest } from '@fairtrial/sequential'
import { isEstimable } from '@fairtrial/statistics'
import { neverZero } from './disparity.ts'

/**
 * p that counts fall by their weights, valid at every look: Bayes factors of Lindon & Malek (2022), mixed over how far off
 * they may be (any division as likely as any other; within some points; within one) and, of several tables, over whether
 * one is off or all are. Means of e-values are e-values, and so are products of independent ones.
 *
 * @param tables independent of each other, with weights above 0
 * @param share of the error that this test has, above 0, at most 1
 */
export function anytimeP(tables: readonly PhaseCounts[], share: number): number {
  const strengths = [tables[0]?.weights.length ?? 1, 100, 10_000]
  const evidence = strengths.flatMap((concentration) => {
    const each = tables.map((table) => {
      const test = sampleRatioTest([table], { concentration })
      return isEstimable(test) ? test.logBayesFactor : 0
    })
    return [each.reduce((total, log) => total + log, 0), logMean(each)]
  })
  return neverZero(Math.min(1, Math.exp(-logMean(evidence)) / share))
}

function logMean(logs: readonly number[]): number {
  const largest = Math.max(...logs)
  return largest + Math.log(logs.reduce((total, log) => total + Math.exp(log - largest), 0) / logs.length)
}

import type { SealedMetric } from '../metric.ts'

/** Variance over squared mean of an exponential is 1, of a lognormal with sd 2 it is 54. */
const HEAVY = 25

/** Whether a few units carry the mean. A rare count, which is as spread out as its mean, is no such metric. */
export function isHeavyTailed({ type, baseline, cap }: SealedMetric): boolean {
  if (baseline === undefined || baseline.mean <= 0 || cap?.upper !== undefined) return false
  const { mean, variance } = baseline
  if (type === 'mean') return variance > HEAVY * mean ** 2
  return type === 'count' && variance > HEAVY * Math.max(mean, mean ** 2)
}

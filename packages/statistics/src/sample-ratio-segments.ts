import { type AdjustmentMethod, adjustPValues } from './adjusted-p-values.ts'
import { chiSquareLogSf, chiSquareSf } from './chi-square.ts'
import { type Estimable, isEstimable } from './estimable.ts'
import { type SampleRatioChiSquare, sampleRatioChiSquare } from './sample-ratio.ts'

/** Units on each arm within one segment: a browser, a country, a day. */
export interface SegmentCounts {
  readonly name: string
  readonly observed: readonly number[]
}

/** A segment's own sample ratio. */
export interface SegmentRatio {
  readonly name: string
  readonly test: Estimable<SampleRatioChiSquare>
  /** Adjusted over all segments of the dimension; undefined where there is no test. */
  readonly adjustedP: number | undefined
}

/** Where along a dimension a sample ratio is off. */
export interface SampleRatioByDimension {
  readonly total: Estimable<SampleRatioChiSquare>
  /**
   * Are all segments off alike? A small p says that the mismatch sits in some of them: look there for the cause. Undefined
   * with fewer than two segments that have units on every arm expected.
   */
  readonly heterogeneity: SampleRatioChiSquare | undefined
  /** The smallest adjusted p first. */
  readonly segments: readonly SegmentRatio[]
}

/** The sample ratio of each segment of a dimension, adjusted (Holm by default), and whether they differ. For one look. */
export function sampleRatioBySegment(
  segments: readonly SegmentCounts[],
  weights: readonly number[],
  method: AdjustmentMethod = 'holm',
): SampleRatioByDimension {
  const tests = segments.map(({ observed }) => sampleRatioChiSquare(observed, weights))
  const adjusted = adjustPValues(
    tests.map((test) => (isEstimable(test) ? test.pValue : 1)),
    method,
  )
  const sums = weights.map((_, arm) => segments.reduce((sum, { observed }) => sum + observed[arm]!, 0))
  const judged = segments.map(({ name }, i) => ({
    name,
    test: tests[i]!,
    adjustedP: isEstimable(tests[i]!) ? adjusted[i] : undefined,
  }))
  return {
    total: sampleRatioChiSquare(sums, weights),
    heterogeneity: heterogeneityOf(segments, sums),
    segments: judged.sort((a, b) => (a.adjustedP ?? 2) - (b.adjustedP ?? 2)),
  }
}

/** Pearson's test that the shares are the same in every segment, whatever they are. */
function heterogeneityOf(
  segments: readonly SegmentCounts[],
  sums: readonly number[],
): SampleRatioChiSquare | undefined {
  const rows = segments.map(({ observed }) => observed).filter((row) => row.some((count) => count > 0))
  const arms = sums.filter((sum) => sum > 0).length
  if (rows.length < 2 || arms < 2 || !rows.flat().every((count) => count >= 0 && Number.isFinite(count))) {
    return undefined
  }
  const total = sums.reduce((sum, each) => sum + each, 0)
  let chiSquare = 0
  for (const row of rows) {
    const units = row.reduce((sum, each) => sum + each, 0)
    for (const [arm, count] of row.entries()) {
      const expected = units * (sums[arm]! / total)
      if (expected > 0) chiSquare += (count - expected) * ((count - expected) / expected)
    }
  }
  if (!Number.isFinite(chiSquare)) return undefined
  const degreesOfFreedom = (rows.length - 1) * (arms - 1)
  return {
    chiSquare,
    degreesOfFreedom,
    pValue: chiSquareSf(chiSquare, degreesOfFreedom),
    logP: chiSquareLogSf(chiSquare, degreesOfFreedom),
  }
}

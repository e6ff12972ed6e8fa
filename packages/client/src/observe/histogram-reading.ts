import type { Measurement } from '@fairtrial/exposure'

/** A data point of a histogram as OTLP has it in JSON, where 64-bit numbers may be texts; delta temporality. */
export interface HistogramPoint {
  readonly attributes?: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[]
  readonly startTimeUnixNano: string | number
  readonly timeUnixNano: string | number
  readonly count: string | number
  readonly sum?: number
  readonly min?: number
  readonly max?: number
  /** With `explicitBounds`, one more than those. */
  readonly bucketCounts?: readonly (string | number)[]
  readonly explicitBounds?: readonly number[]
  /** Of an exponential one. */
  readonly scale?: number
  readonly zeroCount?: string | number
  readonly positive?: HistogramBuckets
  readonly negative?: HistogramBuckets
}

/** Consecutive buckets of an exponential histogram; `offset` is the first one's index. */
export interface HistogramBuckets {
  readonly offset?: number
  readonly bucketCounts?: readonly (string | number)[]
}

/** What a data point says of one arm: what a measurement has, but for the arm and the name. */
export interface HistogramReading
  extends Pick<Measurement, 'variant' | 'from' | 'until' | 'accuracy' | 'clusters'> {
  /**
   * A quantile is off by at most this share of itself: half a bucket's width, and the bins'. Infinity where a bucket
   * without end holds some and the point does not tell the least and the largest. The mean is exact where it has a sum.
   */
  readonly error: number
}

/** Of the bins that explicit buckets are put in. */
const ACCURACY = 0.01

/**
 * Reads a data point whose attributes name the variant, explicit buckets or exponential ones. It does not tell whose
 * requests they were, so all of them are in one cluster: an evaluation tells the arms' numbers and their difference, and
 * gives no interval and no verdict by margin. Hard limits act on them.
 *
 * @param attribute default `feature_flag.result.variant`
 * @returns null of a point without the attribute, or without observations
 */
export function readHistogram(
  point: HistogramPoint,
  { attribute = 'feature_flag.result.variant' }: { readonly attribute?: string } = {},
): HistogramReading | null {
  const variant = point.attributes?.find(({ key }) => key === attribute)?.value.stringValue
  const n = Number(point.count)
  if (variant === undefined || !(n > 0)) return null
  const { accuracy, error, counts, zeros } =
    point.scale === undefined ? explicit(point) : exponential(point, point.scale)
  const logGamma = Math.log1p(accuracy) - Math.log1p(-accuracy)
  const bins = [...counts].toSorted(([a], [b]) => a - b)
  const values = bins.map(([bin, count]) => ({ value: Math.exp(bin * logGamma) * (1 - accuracy), count }))
  const mean = (point.sum ?? values.reduce((sum, { value, count }) => sum + value * count, 0)) / n
  const m2 = values.reduce((sum, { value, count }) => sum + count * (value - mean) ** 2, zeros * mean ** 2)
  return {
    variant,
    from: Number(point.startTimeUnixNano) / 1e6,
    until: Number(point.timeUnixNano) / 1e6,
    accuracy,
    clusters: [{ cluster: 0, n, mean, m2, zeros, bins }],
    error,
  }
}

interface Binned {
  readonly accuracy: number
  readonly error: number
  readonly counts: ReadonlyMap<number, number>
  readonly zeros: number
}

/** Bucket i of base b holds (bⁱ, bⁱ⁺¹], which is bin i + 1 of the sketch whose edges grow by b: nothing is lost. */
function exponential({ positive, negative, zeroCount = 0 }: HistogramPoint, scale: number): Binned {
  const base = 2 ** (2 ** -scale)
  const accuracy = (base - 1) / (base + 1)
  const counts = new Map<number, number>()
  const offset = positive?.offset ?? 0
  for (const [i, count] of (positive?.bucketCounts ?? []).entries()) {
    if (Number(count) > 0) counts.set(offset + i + 1, Number(count))
  }
  const below = (negative?.bucketCounts ?? []).reduce<number>((sum, count) => sum + Number(count), 0)
  return { accuracy, error: accuracy, counts, zeros: Number(zeroCount) + below }
}

/** Each bucket goes where the value is that is as far from its lower end as from its upper one, relative to each. */
function explicit({ bucketCounts = [], explicitBounds = [], min, max }: HistogramPoint): Binned {
  const logGamma = Math.log1p(ACCURACY) - Math.log1p(-ACCURACY)
  const counts = new Map<number, number>()
  let zeros = 0
  let widest = 0
  for (const [i, each] of bucketCounts.entries()) {
    const count = Number(each)
    if (!(count > 0)) continue
    const low = Math.max(explicitBounds[i - 1] ?? 0, min ?? 0)
    const high = Math.min(explicitBounds[i] ?? Number.POSITIVE_INFINITY, max ?? Number.POSITIVE_INFINITY)
    if (!(high > 0)) {
      zeros += count
      continue
    }
    const isOpen = low <= 0 || high === Number.POSITIVE_INFINITY
    const value = isOpen ? (low > 0 ? low : high / 2) : (2 * low * high) / (low + high)
    widest = Math.max(widest, isOpen ? Number.POSITIVE_INFINITY : (high - low) / (high + low))
    const bin = Math.ceil(Math.log(Number.isFinite(value) ? value : 1) / logGamma)
    counts.set(bin, (counts.get(bin) ?? 0) + count)
  }
  return { accuracy: ACCURACY, error: (1 + widest) * (1 + ACCURACY) - 1, counts, zeros }
}

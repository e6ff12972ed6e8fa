/** A sample as its different values, in any order, and how often each occurs. */
export type ValueCounts = readonly (readonly [value: number, count: number])[]

/** A sample as its different values, rising, and how often each occurs. */
export interface CountedSample {
  readonly values: Float64Array
  readonly counts: Float64Array
  readonly n: number
}

/** A plain sample, counted. */
export function countedSample(sample: readonly number[]): CountedSample {
  return joinCounts(Array.from(sample, (value) => [value, 1]))
}

/** Sorted by value, equal values made one. */
export function joinCounts(sample: ValueCounts): CountedSample {
  const sorted = Array.from(sample).sort(([a], [b]) => a - b)
  const values: number[] = []
  const counts: number[] = []
  for (const [value, count] of sorted) {
    if (values.length > 0 && values.at(-1) === value) counts[counts.length - 1]! += count
    else {
      values.push(value)
      counts.push(count)
    }
  }
  return {
    values: Float64Array.from(values),
    counts: Float64Array.from(counts),
    n: counts.reduce((sum, count) => sum + count, 0),
  }
}

/** For each value how many of `others` lie below it, ties by half. */
export function placementsOf({ values }: CountedSample, others: CountedSample): Float64Array {
  let next = 0
  let below = 0
  return values.map((value) => {
    while (next < others.values.length && others.values[next]! < value) below += others.counts[next++]!
    return below + (others.values[next] === value ? others.counts[next]! / 2 : 0)
  })
}

/** Σ (t³ − t) over groups of t tied values. */
export function tiesOf(a: CountedSample, b: CountedSample): { tieSum: number; hasTies: boolean } {
  let tieSum = 0
  for (let i = 0, j = 0; i < a.values.length || j < b.values.length; ) {
    const value = Math.min(a.values[i] ?? Infinity, b.values[j] ?? Infinity)
    const t = (a.values[i] === value ? a.counts[i++]! : 0) + (b.values[j] === value ? b.counts[j++]! : 0)
    tieSum += t * (t * t - 1)
  }
  return { tieSum, hasTies: tieSum > 0 }
}

/**
 * At most `count` of the points: the first, the last, those that `keep` names, and of the rest evenly many. A chart has
 * no more columns than that, and a table no more patient readers.
 */
export function thin<T>(
  points: readonly T[],
  count: number,
  keep: (point: T, index: number) => boolean = () => false,
): readonly T[] {
  if (points.length <= count) return points
  const every = (points.length - 1) / Math.max(1, count - 1)
  const wanted = new Set(Array.from({ length: count }, (_, i) => Math.round(i * every)))
  return points.filter((point, index) => wanted.has(index) || keep(point, index))
}

/** The last point at or before a time; null before the first. */
export function pointAt<T extends { readonly at: number }>(points: readonly T[], at: number): T | null {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((points[middle]?.at ?? Infinity) <= at) low = middle + 1
    else high = middle
  }
  return points[low - 1] ?? null
}

/** From data to pixels. */
export type Scale = (value: number) => number

/** A straight scale. A domain without width is put in the middle. */
export function linearScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = domain
  const [start, end] = range
  if (!(high > low)) return () => (start + end) / 2
  return (value) => start + ((value - low) / (high - low)) * (end - start)
}

/** A scale of powers: what is below the domain, zero too, stands at its end. */
export function logScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = domain
  const linear = linearScale([Math.log10(low), Math.log10(high)], range)
  return (value) => linear(Math.log10(Math.min(high, Math.max(low, value))))
}

/**
 * A domain that shows where intervals came to lie. The first ones are so wide that everything after would be a line: what
 * lies beyond the 75th percentile of the bounds is cut off, but never a reference or the newest interval.
 */
export function intervalDomain(
  bounds: readonly (readonly [lower: number, upper: number])[],
  references: readonly number[],
): [number, number] {
  const newest = bounds.at(-1) ?? []
  const low = Math.min(
    ...references,
    ...newest,
    quantile(
      bounds.map(([lower]) => lower),
      0.25,
    ),
  )
  const high = Math.max(
    ...references,
    ...newest,
    quantile(
      bounds.map(([, upper]) => upper),
      0.75,
    ),
  )
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [-1, 1]
  const room = (high - low || 1) * 0.12
  return [low - room, high + room]
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b)
  return sorted[Math.round(share * (sorted.length - 1))] ?? (share < 0.5 ? Infinity : -Infinity)
}

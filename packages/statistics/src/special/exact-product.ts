/** a·b as the unevaluated sum of two doubles (T. J. Dekker, Numerische Mathematik 18, 1971). */
export function exactProduct(a: number, b: number): readonly [product: number, roundedAway: number] {
  const product = a * b
  const [aHigh, aLow] = split(a)
  const [bHigh, bLow] = split(b)
  return [product, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)]
}

function split(a: number): readonly [high: number, low: number] {
  const c = 134217729 * a
  const high = c - (c - a)
  return [high, a - high]
}

/** a − n·x without the rounding of the product, which at n of a billion is most of what the difference says. */
export function excess(a: number, n: number, x: number): number {
  const [product, roundedAway] = exactProduct(n, x)
  // Beyond 1e290 the splitting itself leaves the doubles.
  return n < 1e290 ? a - product - roundedAway : a - product
}

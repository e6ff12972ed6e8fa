/**
 * How many tests are kept honest together.
 *
 * - `bonferroni`: each test at its share of α. With weights: at its own share (Rosenthal & Rubin 1983).
 * - `holm`: Bonferroni step by step from the smallest p; never worse, the same guarantee (Holm 1979). Takes weights.
 * - `hochberg`, `hommel`: stepwise from the largest p; for independent or positively dependent tests (Hochberg 1988;
 *   Hommel 1988).
 * - `benjamini-hochberg`: the share of false ones among the discoveries, for independent or positively dependent
 *   tests (Benjamini & Hochberg 1995).
 * - `benjamini-yekutieli`: the same under any dependence, at the price of a factor 1 + 1/2 + … + 1/m (Benjamini &
 *   Yekutieli 2001).
 *
 * All but the last two hold the chance of *any* false positive in the family at α.
 */
export type AdjustmentMethod =
  | 'bonferroni'
  | 'holm'
  | 'hochberg'
  | 'hommel'
  | 'benjamini-hochberg'
  | 'benjamini-yekutieli'

/** What an adjustment may be told. */
export interface AdjustmentOptions {
  /** One positive weight a test, of any sum, for `bonferroni` and `holm`; equal by default. */
  readonly weights?: readonly number[]
}

/**
 * Adjusted p-values, in the order given: a test is significant in its family at α when its adjusted p is at most α.
 * Agrees with R's `p.adjust`. A p outside [0, 1], or weights where the method has none, is a mistake and throws.
 */
export function adjustPValues(
  pValues: readonly number[],
  method: AdjustmentMethod,
  options?: AdjustmentOptions,
): number[] {
  for (const p of pValues) {
    if (!(p >= 0 && p <= 1)) throw new RangeError(`a p-value is ${p}: give numbers in [0, 1]`)
  }
  const shares = sharesOf(pValues.length, method, options?.weights)
  switch (method) {
    case 'bonferroni':
      return pValues.map((p, i) => Math.min(1, p / shares[i]!))
    case 'holm':
      return holm(pValues, shares)
    case 'hochberg':
      return stepUp(pValues, (rank, m) => m - rank)
    case 'hommel':
      return hommel(pValues)
    case 'benjamini-hochberg':
      return stepUp(pValues, (rank, m) => m / (rank + 1))
    case 'benjamini-yekutieli':
      return stepUp(pValues, (rank, m) => (harmonic(m) * m) / (rank + 1))
  }
}

/** Each test's share of α, of sum 1. */
export function sharesOf(
  tests: number,
  method: AdjustmentMethod,
  weights: readonly number[] | undefined,
): number[] {
  if (weights === undefined) return Array.from({ length: tests }, () => 1 / tests)
  if (method !== 'bonferroni' && method !== 'holm') {
    throw new RangeError(`${method} takes no weights: leave them out, or use bonferroni or holm`)
  }
  if (weights.length !== tests || !weights.every((weight) => weight > 0 && Number.isFinite(weight))) {
    throw new RangeError(
      `weights are ${weights.join(', ')}: give ${tests} finite numbers above 0, one a test`,
    )
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** 1 + 1/2 + … + 1/m. */
export function harmonic(m: number): number {
  let sum = 0
  for (let i = m; i >= 1; i--) sum += 1 / i
  return sum
}

function holm(pValues: readonly number[], shares: readonly number[]): number[] {
  const ratios = pValues.map((p, i) => p / shares[i]!)
  const order = orderOf(ratios)
  const adjusted = Array.from(pValues)
  // The share still to be given out, summed from the far end so that it ends in exactly the last one's share.
  const remaining = Array.from(order, (i) => shares[i]!)
  for (let rank = order.length - 2; rank >= 0; rank--) remaining[rank]! += remaining[rank + 1]!
  let largest = 0
  for (const [rank, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, ratios[i]! * remaining[rank]!))
    adjusted[i] = largest
  }
  return adjusted
}

/** From the largest p down: p times a factor of its rank (0 for the smallest), never above the one before. */
function stepUp(pValues: readonly number[], factor: (rank: number, m: number) => number): number[] {
  const m = pValues.length
  const order = orderOf(pValues)
  const adjusted = Array.from(pValues)
  let smallest = 1
  for (let rank = m - 1; rank >= 0; rank--) {
    const i = order[rank]!
    smallest = Math.min(smallest, pValues[i]! * factor(rank, m))
    adjusted[i] = smallest
  }
  return adjusted
}

/** S. P. Wright's algorithm (Biometrics 48, 1992). */
function hommel(pValues: readonly number[]): number[] {
  const n = pValues.length
  const order = orderOf(pValues)
  const p = order.map((i) => pValues[i]!)
  const simes = (from: number, m: number, offset: number) => {
    let least = 1
    for (let k = from; k < n; k++) least = Math.min(least, (m * p[k]!) / (k - from + offset))
    return least
  }
  const sorted = p.map((each) => Math.max(each, simes(0, n, 1)))
  for (let m = n - 1; m >= 2; m--) {
    const split = n - m + 1
    const tail = simes(split, m, 2)
    for (let k = 0; k < n; k++) {
      const local = Math.min(m * p[Math.min(k, split - 1)]!, tail)
      sorted[k] = Math.max(sorted[k]!, local)
    }
  }
  const adjusted = Array.from(pValues)
  for (const [rank, i] of order.entries()) adjusted[i] = sorted[rank]!
  return adjusted
}

function orderOf(values: readonly number[]): number[] {
  return Array.from(values.keys()).sort((i, j) => values[i]! - values[j]!)
}

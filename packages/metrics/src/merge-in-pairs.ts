import { mergeTallies, type Tally } from './tally.ts'

/** By the left one of a pair, the right one and what they came to. Forgets pairs of which nobody holds the left one. */
export type KnownPairs = WeakMap<Tally, { readonly right: Tally; readonly merged: Tally }>

/**
 * Tallies taken together: neighbours in pairs, then pairs of pairs. Of a thousand pages where one has changed, ten pairs
 * are merged anew; and what grows with its units, as sketches and histograms do, is merged while it is small.
 */
export function mergeInPairs(tallies: readonly Tally[], known: KnownPairs): Tally | undefined {
  let level = tallies
  while (level.length > 1) {
    const above: Tally[] = []
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i]!, level[i + 1]]
      above.push(right === undefined ? left : mergePair(left, right, known))
    }
    level = above
  }
  return level[0]
}

function mergePair(left: Tally, right: Tally, known: KnownPairs): Tally {
  const pair = known.get(left)
  if (pair?.right === right) return pair.merged
  const merged = mergeTallies(left, right)
  known.set(left, { right, merged })
  return merged
}

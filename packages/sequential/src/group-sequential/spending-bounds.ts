import type { GroupSequentialDesign } from './design.ts'
import { advance, boundOf, type Paths, pathsFrom } from './paths.ts'
import { type SpendingFunction, spentError } from './spending.ts'

/** Upper bounds under a spending function, and the paths that were left before the last look. */
export function followSpending(
  design: GroupSequentialDesign,
  spending: SpendingFunction,
): { upper: (number | null)[]; beforeLast: Paths } {
  const { informationFractions: fractions, sides } = design
  const upper: (number | null)[] = []
  let paths = pathsFrom()
  for (const [i, fraction] of fractions.entries()) {
    const found = boundOf(paths, fraction, errorAt(design, spending, i), 0)
    // Where more is to be spent than is left, both sides meet at zero.
    const bound = sides === 2 && found !== null ? Math.max(0, found) : found
    upper.push(bound)
    const next = fractions[i + 1]
    if (next === undefined) break
    const stop = (bound ?? Number.POSITIVE_INFINITY) * Math.sqrt(fraction)
    const lower = sides === 2 ? -stop : Number.NEGATIVE_INFINITY
    paths = advance(paths, { fraction, lower, upper: stop, next }, 0)
  }
  return { upper, beforeLast: paths }
}

/** What one side spends at the look of that index. */
export function errorAt(
  { informationFractions: fractions, sides, alpha, isFinal }: Omit<GroupSequentialDesign, 'rule'>,
  spending: SpendingFunction,
  index: number,
): number {
  const error = alpha / sides
  const spentAt = (look: number) => {
    if (look < 0) return 0
    const isEnd = isFinal === true && look === fractions.length - 1
    return isEnd ? error : spentError(spending, error, fractions[look]!)
  }
  return spentAt(index) - spentAt(index - 1)
}

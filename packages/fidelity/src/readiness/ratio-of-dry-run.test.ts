import { expect, it } from 'vitest'
import { seeded } from '../../test/synthetic-log.ts'
import { anytimeP } from '../anytime-evidence.ts'
import { detectableLoss } from './ratio-of-dry-run.ts'

it.each([
  { weights: [1, 1], units: 600, arm: 0 },
  { weights: [1, 1], units: 5_000, arm: 1 },
  { weights: [9, 1], units: 4_000, arm: 1 },
  { weights: [1, 1, 2], units: 2_000, arm: 2 },
])('a loss of what could have been shown is shown in four of five: $weights, $units units', (division) => {
  const { weights, units, arm } = division
  const alpha = 0.001
  const loss = detectableLoss({ weights, units, alpha }, arm)!
  const kept = weights.map((weight, index) => (index === arm ? weight * (1 - loss) : weight))
  const total = kept.reduce((sum, each) => sum + each, 0)
  const random = seeded(7)
  let shown = 0
  for (let trial = 0; trial < 400; trial++) {
    const counts = weights.map(() => 0)
    for (let unit = 0; unit < units; unit++) {
      let rest = random() * total
      const drawn = kept.findIndex((share) => (rest -= share) < 0)
      counts[drawn]! += 1
    }
    if (anytimeP([{ counts, weights }], 1) < alpha) shown += 1
  }
  expect(shown / 400).toBeGreaterThan(0.72)
  expect(shown / 400).toBeLessThan(0.88)
})

it('shows nothing by ten units, and more by more of them', () => {
  const lossOf = (units: number) => detectableLoss({ weights: [1, 1], units, alpha: 0.001 }, 0)
  expect(lossOf(10)).toBeNull()
  const losses = [100, 400, 1_600, 6_400].map((units) => lossOf(units)!)
  expect(losses).toEqual(losses.toSorted((a, b) => b - a))
  expect(losses.at(-1)).toBeLessThan(0.15)
})

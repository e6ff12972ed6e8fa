import { describe, expect, it } from 'vitest'
import { anytimeP } from './anytime-evidence.ts'

/** Chances of 0 … n of n heads. */
const binomial = (n: number, share: number) => {
  let chances = [1]
  for (let toss = 0; toss < n; toss++)
    chances = Array.from(
      { length: toss + 2 },
      (_, k) => (chances[k] ?? 0) * (1 - share) + (chances[k - 1] ?? 0) * share,
    )
  return chances
}

describe('p at every look', () => {
  const weights = [3, 1]

  it('is at most p in p of all cases, of one table and of several', () => {
    const tableOf = (heads: number, n: number) => ({ counts: [n - heads, heads], weights })
    const [first, second] = [binomial(40, 0.25), binomial(12, 0.25)]
    const cases = first.flatMap((chance, a) =>
      second.map((other, b) => ({
        chance: chance * other,
        p: anytimeP([tableOf(a, 40), tableOf(b, 12)], 1),
      })),
    )
    const alone = first.map((chance, a) => ({ chance, p: anytimeP([tableOf(a, 40)], 1) }))
    for (const all of [cases, alone]) {
      for (const { p } of all) {
        const asSmall = all.filter((each) => each.p <= p).reduce((sum, { chance }) => sum + chance, 0)
        expect(asSmall).toBeLessThanOrEqual(p * (1 + 1e-9))
      }
      expect(Math.min(...all.map(({ p }) => p))).toBeLessThan(1e-9)
    }
  })

  it('finds what is off in one table of many, and what is a little off in all', () => {
    const fair = Array.from({ length: 60 }, () => ({ counts: [75, 25], weights }))
    expect(anytimeP(fair, 1)).toBe(1)
    expect(anytimeP([...fair.slice(1), { counts: [40, 60], weights }], 1)).toBeLessThan(1e-4)
    expect(
      anytimeP(
        fair.map(() => ({ counts: [66, 34], weights })),
        1,
      ),
    ).toBeLessThan(1e-4)
  })

  it('costs as much more as its share of the error is smaller', () => {
    const table = { counts: [40, 60], weights }
    expect(anytimeP([table], 0.1)).toBeCloseTo(10 * anytimeP([table], 1), 12)
    expect(anytimeP([{ counts: [0, 5_000], weights }], 1)).toBeGreaterThan(0)
  })
})

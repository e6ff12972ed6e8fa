import { expect, it } from 'vitest'
import { monotoneRoot } from './monotone-root.ts'

it.each<[string, (x: number) => number, number]>([
  ['a cubic', (x) => x ** 3 - 2, Math.cbrt(2)],
  ['a falling logarithm', (x) => Math.LN2 - Math.log(x), 2],
  ['a step', (x) => (x < 0.75 ? -1 : 1), 0.75],
  ['one that is infinite on one side', (x) => (x < 1.5 ? Number.NEGATIVE_INFINITY : x - 1.7), 1.7],
])('finds the root of %s in the bracket', (_, f, root) => {
  expect(monotoneRoot(f, 0.5, 3)).toBeCloseTo(root, 12)
})

it('widens a bracket that lies to one side', () => {
  expect(monotoneRoot((x) => x - 40, 0, 1)).toBeCloseTo(40, 12)
  expect(monotoneRoot((x) => -40 - x, 0, 1)).toBeCloseTo(-40, 12)
})

it('leaves a plateau on either side', () => {
  const clamped = (root: number) => (x: number) => Math.max(-1, Math.min(1, x - root))
  for (const root of [50, -50]) expect(monotoneRoot(clamped(root), 0, 1)).toBeCloseTo(root, 12)
})

it('an end that is the root is found', () => {
  expect(monotoneRoot((x) => x - 1, 1, 2)).toBe(1)
})

it('says so where there is none', () => {
  expect(() => monotoneRoot(() => 1, 0, 1)).toThrow(/no root/)
})

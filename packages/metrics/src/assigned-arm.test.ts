import { expect, it } from 'vitest'
import { assignedArm } from './assigned-arm.ts'

const armsOf = (weights: readonly number[], buckets: readonly number[]) => {
  const variants = weights.map((weight, i) => ({ name: `v${i}`, weight }))
  return buckets.map((bucket) => assignedArm(variants, bucket))
}

it('lays arms over buckets in the ratio of their weights, whatever their sum', () => {
  expect(armsOf([1, 1], [0, 499_999, 500_000, 999_999])).toEqual([0, 0, 1, 1])
  expect(armsOf([1, 1, 1], [333_332, 333_333, 666_665, 666_666])).toEqual([0, 1, 1, 2])
  expect(armsOf([5, 1, 1, 1], [624_999, 625_000, 750_000, 875_000])).toEqual([0, 1, 2, 3])
  const huge = Number.MAX_SAFE_INTEGER
  expect(armsOf([huge, huge], [499_999, 500_000])).toEqual([0, 1])
})

it('gives a weight too small for a bucket one of its own', () => {
  expect(armsOf([1, 9_999_999], [0, 1])).toEqual([0, 1])
  expect(armsOf([9_999_999, 1], [999_998, 999_999])).toEqual([0, 1])
})

it('gives no arm to what is no bucket', () => {
  expect(armsOf([1, 1], [1_000_000, Number.NaN])).toEqual([-1, -1])
})

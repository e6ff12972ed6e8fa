import { expect, it } from 'vitest'
import { bandPath, linePath, stepPath } from './path.ts'

const same = (value: number) => value

it('breaks a line where there is no value', () => {
  const points = [1, null, 3, 4].map((value, at) => ({ at, value }))
  expect(linePath(points, same, same)).toBe('M0 1M2 3L3 4')
})

it('holds a value until the next', () => {
  expect(
    stepPath(
      [
        { at: 0, value: 5 },
        { at: 2, value: 9 },
      ],
      same,
      same,
    ),
  ).toBe('M0 5H2V9')
})

it('closes an area for each stretch that has both ends', () => {
  const points = [
    { at: 0, lower: 1, upper: 4 },
    { at: 1, lower: 2, upper: 3 },
    { at: 2, lower: null, upper: null },
    { at: 3, lower: 0, upper: 1 },
  ]
  expect(bandPath(points, same, same)).toBe('M0 4L1 3L1 2L0 1ZM3 1L3 0Z')
})

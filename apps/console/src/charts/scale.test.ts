import { describe, expect, it } from 'vitest'
import { intervalDomain, linearScale, logScale } from './scale.ts'

it('maps a domain on a range, up side down too', () => {
  const y = linearScale([-1, 3], [200, 0])
  expect([-1, 0, 3].map(y)).toEqual([200, 150, 0])
  expect(linearScale([2, 2], [0, 100])(7)).toBe(50)
})

it('maps powers evenly, and keeps zero at the end', () => {
  const y = logScale([0.001, 1], [300, 0])
  expect(y(0.1)).toBeCloseTo(100)
  expect(y(0)).toBeCloseTo(300)
})

describe('intervalDomain', () => {
  it('shows references and the newest interval, whatever else there is', () => {
    const [low, high] = intervalDomain(
      [
        [-900, 900],
        [-2, 1],
        [-1, 30],
      ],
      [0, -6],
    )
    expect(low).toBeLessThan(-6)
    expect(high).toBeGreaterThan(30)
  })

  it('cuts off the first intervals, beside which all others would be a line', () => {
    const bounds = [[-900, 900], ...Array.from({ length: 12 }, () => [-1, 1])] as [number, number][]
    const [low, high] = intervalDomain(bounds, [0])
    expect(high - low).toBeLessThan(4)
  })

  it('is there before there is an interval', () => {
    const [low, high] = intervalDomain([], [0, 0.06])
    expect(low).toBeLessThan(0)
    expect(high).toBeGreaterThan(0.06)
  })
})

import { expect, it } from 'vitest'
import { stretchesOf } from './ramp-chart.tsx'

const point = (at: number, status: 'running' | 'holding' | 'aborted', stage = 0, trafficPercent = 10) => ({
  at,
  status,
  stage,
  trafficPercent,
})

it('joins what did not change, and lasts until the end', () => {
  const points = [
    point(0, 'running'),
    point(1, 'running'),
    point(2, 'holding'),
    point(3, 'holding'),
    point(4, 'aborted', 0, 0),
  ]
  expect(stretchesOf(points, 9).map(({ at, to, status }) => [at, to, status])).toEqual([
    [0, 2, 'running'],
    [2, 4, 'holding'],
    [4, 9, 'aborted'],
  ])
})

it('tells a stage from the next one at the same traffic', () => {
  expect(stretchesOf([point(0, 'running', 0), point(1, 'running', 1)], 2)).toHaveLength(2)
})

import { expect, it } from 'vitest'
import { routeOf } from './use-route.ts'

it.each([
  ['/', { page: 'rollouts' }],
  ['/trail', { page: 'trail' }],
  ['/experiments/continue-watching.v2', { page: 'experiment', key: 'continue-watching.v2' }],
  ['/experiments/a/b', { page: 'nowhere' }],
  ['/experiments/%2e%2e', { page: 'nowhere' }],
  ['/experiments/', { page: 'nowhere' }],
])('%s', (path, route) => {
  expect(routeOf(path)).toEqual(route)
})

import { expect, it } from 'vitest'
import { AssignedCounts } from './assigned-counts.ts'

it('counts by phase and variant, also when a phase comes back', () => {
  const counts = new AssignedCounts()
  for (const phase of [1, 1, 2, 1]) counts.add(phase, 'control')
  counts.add(2, 'treatment')
  expect(counts.list('autoplay')).toEqual([
    { experiment: 'autoplay', phase: 1, variant: 'control', count: 3 },
    { experiment: 'autoplay', phase: 2, variant: 'control', count: 1 },
    { experiment: 'autoplay', phase: 2, variant: 'treatment', count: 1 },
  ])
})

import { describe, expect, it } from 'vitest'
import { homeRanking } from '../../test/home-ranking.ts'
import { parseDefinition } from '../define.ts'
import { lint } from '../lint.ts'

function findingsOf(name: string, direction: 'increase' | 'decrease') {
  const metric = { ...homeRanking.metrics['watch-time'], role: 'exploratory', direction }
  return lint(parseDefinition({ ...homeRanking, metrics: { ...homeRanking.metrics, [name]: metric } }))
}

describe('a direction that the name speaks against', () => {
  it.each([
    ['playback-error', 'error'],
    ['crashes_per_day', 'crashes'],
    ['p95.latency', 'latency'],
    ['churned', 'churned'],
    ['unsubscribes', 'unsubscribes'],
    ['BounceRate', 'bounce'],
    ['cancellations', 'cancellations'],
  ])('%s is not to increase', (name, word) => {
    expect(findingsOf(name, 'decrease')).toEqual([])
    expect(findingsOf(name, 'increase')).toEqual([
      {
        code: 'odd-direction',
        path: `metrics.${name}.direction`,
        detail: `The name of ${name} says ${word}, of which less is better, and its direction is increase: is this meant?`,
        remedy: expect.stringContaining("let it be 'decrease'"),
      },
    ])
  })

  it.each([
    ['started', 'started'],
    ['sessionsCompleted', 'completed'],
    ['retained.d7', 'retained'],
    ['revenue', 'revenue'],
  ])('%s is not to decrease', (name, word) => {
    expect(findingsOf(name, 'increase')).toEqual([])
    const [finding, ...others] = findingsOf(name, 'decrease')
    expect(others).toEqual([])
    expect(finding).toMatchObject({ code: 'odd-direction', path: expect.stringContaining(name) })
    expect(finding!.detail).toContain(`says ${word}, of which more is better`)
    expect(finding!.remedy).toContain("let it be 'increase'")
  })

  it.each([
    'error-free-starts',
    'time-to-start',
    'not-started',
    'revenue-lost',
    'startLatency',
    'terror',
    'restarted',
  ])('says nothing of %s, whichever way', (name) => {
    expect(findingsOf(name, 'increase')).toEqual([])
    expect(findingsOf(name, 'decrease')).toEqual([])
  })
})

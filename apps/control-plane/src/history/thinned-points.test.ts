import type { HistoryPoint } from '@fairtrial/rollout'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { MAXIMUM_POINTS, thinnedPoints } from './thinned-points.ts'

const point = (at: number, revision = 1, status: HistoryPoint['status'] = 'running'): HistoryPoint => ({
  at,
  phase: 1,
  revision,
  stage: 0,
  trafficPercent: 10,
  status,
  action: 'continue',
  rule: 'stage-time',
  units: {},
  sampleRatioP: null,
  verdict: null,
  guardrails: [],
  primaries: [],
})

it('stands evenly, however long it goes on, with each change of state, the first and the last', () => {
  const thinned = thinnedPoints([])
  const changes: number[] = []
  for (let i = 0; i < 100_000; i++) {
    if (i % 7_000 === 3_333) changes.push(i)
    thinned.add(point(i * 1_000, 1 + changes.length))
    expect(thinned.list().length).toBeLessThanOrEqual(MAXIMUM_POINTS)
  }
  const times = thinned.list().map(({ at }) => at)
  expect(times.length).toBeGreaterThan(900)
  expect([times[0], times.at(-1)]).toEqual([0, 99_999_000])
  for (const i of changes) expect(times).toContain(i * 1_000)
  const gaps = times.slice(1).map((at, i) => at - times[i]!)
  expect(Math.max(...gaps)).toBeLessThan(3 * (99_999_000 / times.length))
})

it('goes on as sparsely after a restart', () => {
  const first = thinnedPoints([])
  for (let i = 0; i < 10_000; i++) first.add(point(i * 1_000))
  const second = thinnedPoints(first.list())
  const before = second.list().length
  for (let i = 10_000; i < 10_100; i++) second.add(point(i * 1_000))
  expect(second.list().length - before).toBeLessThan(30)
})

it('adds nothing for what has ended, but the last look', () => {
  const thinned = thinnedPoints([])
  thinned.add(point(0))
  thinned.add(point(1, 2, 'aborted'))
  for (let i = 2; i < 1_000; i++) thinned.add(point(i, 2, 'aborted'))
  expect(thinned.list().map(({ at }) => at)).toEqual([0, 1, 999])
})

it('keeps what windows that close after the end have told, and when', () => {
  const told = (at: number, started: number | null): HistoryPoint => ({
    ...point(at, 2, 'aborted'),
    units: { control: 5, new: 4 },
    primaries: [{ metric: 'started', variant: 'new', estimate: started, lower: started, upper: started }],
  })
  const thinned = thinnedPoints([])
  for (const each of [point(0), told(1, null), told(2, null), told(3, -0.1), told(4, -0.1), told(5, -0.2)]) {
    thinned.add(each)
  }
  // A look at half a log has no numbers; a database keeps the order of no keys.
  thinned.add({ ...told(6, null), units: {}, primaries: [] })
  thinned.add({ ...told(7, -0.2), units: { new: 4, control: 5 } })
  // After a restart.
  thinned.add({ ...told(8, -0.2), sampleRatioP: 0.9 })
  expect(thinned.list().map(({ at }) => at)).toEqual([0, 1, 3, 5, 8])
})

it('is bounded, whatever comes, and keeps the newest', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.boolean()), { maxLength: 6_000, size: 'max' }),
      (steps) => {
        const thinned = thinnedPoints([])
        let at = 0
        let revision = 1
        for (const [step, changes] of steps) {
          at += step
          if (changes) revision += 1
          thinned.add(point(at, revision))
          expect(thinned.list().at(-1)).toMatchObject({ at, revision })
        }
        expect(thinned.list().length).toBeLessThanOrEqual(MAXIMUM_POINTS)
      },
    ),
    { numRuns: 20 },
  )
})

import type { HistoryPoint } from '@fairtrial/rollout'
import { expect, it } from 'vitest'
import { shownTimes } from './shown-times.ts'

const point = (at: number, estimate: number | null, units: HistoryPoint['units'] = { control: 5, new: 4 }) =>
  ({
    at,
    units,
    sampleRatioP: null,
    guardrails: [],
    primaries: [{ metric: 'watched', variant: 'new', estimate, lower: estimate, upper: estimate }],
  }) as unknown as HistoryPoint

const state = (status: 'running' | 'aborted') => ({ status, startedAt: 100_000, changedAt: 150_000 })

it('goes on to the newest look while the rollout does', () => {
  expect(shownTimes(state('running'), [point(110_000, 1), point(170_000, 1)])).toEqual([100_000, 170_000])
})

it('ends a little beyond the end, however long ago that is', () => {
  const points = [point(110_000, 1), point(150_000, 2), point(9_000_000, 2)]
  expect(shownTimes(state('aborted'), points)).toEqual([100_000, 155_000])
})

it('has what windows that closed after the end have told, which the badges are of', () => {
  const points = [
    point(110_000, null),
    point(150_000, null),
    point(190_000, -11),
    point(200_000, -11.2),
    point(300_000, -11.2, { new: 4, control: 5 }),
    point(400_000, null, {}),
  ]
  expect(shownTimes(state('aborted'), points)).toEqual([100_000, 200_000])
})

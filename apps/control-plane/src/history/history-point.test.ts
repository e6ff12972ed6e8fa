import type { Evaluation } from '@fairtrial/protocol'
import { startRollout } from '@fairtrial/rollout'
import type { TickResult } from '@fairtrial/rollout/controller'
import { expect, it } from 'vitest'
import { experiment } from '../../test/trial.ts'
import { historyPoint } from './history-point.ts'

it('has no numbers of a look at half a log, through which a curve would show what was not', () => {
  const evaluation = {
    units: { new: 3 },
    metrics: { started: { role: 'primary', comparisons: { new: { interval: {}, effect: {} } } } },
  }
  const result: TickResult = {
    at: 2_000,
    leader: true,
    state: startRollout(experiment, { now: 1_000 }),
    decision: null,
    transitions: [],
    evaluation: { ...(evaluation as unknown as Evaluation) },
    audit: null,
    eventsRead: 0,
    bytesRead: 0,
    consecutiveErrors: 0,
    error: null,
  }
  expect(historyPoint(experiment, result)).toMatchObject({
    units: { new: 3 },
    primaries: [{ metric: 'started' }],
  })
  const incomplete = { detail: 'outcomes lag.', lacks: ['outcomes'] } as const
  expect(historyPoint(experiment, { ...result, incomplete })).toMatchObject({
    at: 2_000,
    units: {},
    primaries: [],
  })
})

import type { EventLogger } from '@fairtrial/exposure/otel'
import type { TransitionEvent } from '@fairtrial/protocol'
import { openPhase, startRollout } from '@fairtrial/rollout'
import type { TickResult } from '@fairtrial/rollout/controller'
import { expect, it } from 'vitest'
import { experiment } from '../../test/trial.ts'
import type { KeepingRoom } from '../notice.ts'
import { createNotifier } from './notifier.ts'

const NOW = 1_000_000
const state = startRollout(experiment, { now: NOW })
const started = openPhase(experiment, null, state, 'controller')
const aborted: TransitionEvent = {
  ...started,
  from: state,
  to: { ...state, revision: 2, status: 'aborted', trafficPercent: 0 },
  decision: null,
  reason: 'Harm.',
}

/** One of several replicas. */
function replica() {
  const world = { now: NOW }
  const told: string[] = []
  const logger: EventLogger = {
    emit: ({ attributes }) => told.push(String(attributes['experiment.notification.id'])),
  }
  const room: KeepingRoom = createNotifier({
    receivers: [],
    hosts: { allowed: null, private: [] },
    secret: null,
    trail: { append: () => Promise.reject(new Error('none here')) },
    now: () => world.now,
    log: () => undefined,
    logger,
  })
  const result: TickResult = {
    at: NOW,
    leader: true,
    state,
    decision: null,
    transitions: [],
    evaluation: null,
    audit: null,
    eventsRead: 0,
    bytesRead: 0,
    consecutiveErrors: 0,
    error: null,
  }
  const tick = (leader: boolean) =>
    room.take({ kind: 'tick', at: world.now, experiment, result: { ...result, leader } })
  const hear = (transition: TransitionEvent) =>
    room.take({ kind: 'transition', at: NOW, experiment: experiment.key, role: 'controller', transition })
  return { world, told, tick, hear }
}

it('tells what all replicas hear of where it leads, and nothing where another does', () => {
  const [leader, follower] = [replica(), replica()]
  leader.tick(true)
  follower.tick(false)
  for (const each of [leader, follower]) each.hear(started)
  expect([leader.told, follower.told]).toEqual([['home-row/1/started'], []])
})

it('FAULTS 55: tells what the leader may have died of telling, once it leads itself, and no old news', () => {
  const { world, told, tick, hear } = replica()
  tick(false)
  hear(started)
  world.now += 200_000
  tick(false)
  hear({ ...aborted, at: world.now })
  tick(false)
  expect(told).toEqual([])
  tick(true)
  expect(told).toEqual(['home-row/2/rollback'])
  tick(true)
  expect(told).toHaveLength(1)
})

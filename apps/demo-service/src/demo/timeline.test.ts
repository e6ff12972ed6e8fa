import type { Decision } from '@fairtrial/protocol'
import { openPhase, startRollout } from '@fairtrial/rollout'
import { describe, expect, it } from 'vitest'
import { homeRowRanking } from '../experiment.ts'
import { createTimeline } from './timeline.ts'
import type { View } from './view.ts'

const traffic = { viewers: 12, requests: 20, failures: 0 }
const state = startRollout(homeRowRanking, { now: 0 })
const opened = openPhase(homeRowRanking, null, state, 'controller')
const waits = decision(1, 'continue', 'Stage 1 has lasted 1s of at least 3s.')
const ships = decision(1, 'ship', 'Primary finished: better.')
const shipped = {
  ...state,
  revision: 2,
  status: 'shipped',
  trafficPercent: 0,
  shippedVariant: 'session',
} as const
const shipping = { ...opened, from: state, to: shipped, decision: ships, reason: 'Primary finished: better.' }
const view: View = {
  state,
  decision: waits,
  evaluation: null,
  audit: null,
  proof: null,
  transitions: [opened],
}

function decision(revision: number, action: Decision['action'], reason: string): Decision {
  const { key: experiment, fingerprint } = homeRowRanking
  const about = { experiment, fingerprint, phase: 1, revision, decidedAt: 0 }
  return {
    schema: 'fairtrial.decision/1',
    ...about,
    action,
    rule: 'stage-time',
    reasons: [reason],
    evidence: {},
  }
}

function setUp(terminal: { isTTY?: boolean; columns?: number } = {}) {
  const world = { elapsed: 0, text: '' }
  const out = { ...terminal, write: (text: string) => (world.text += text) }
  return {
    world,
    timeline: createTimeline({ experiment: homeRowRanking, out, elapsedMs: () => world.elapsed }),
  }
}

describe('the timeline', () => {
  it('tells each transition once, by its own cause, whatever the last look said', () => {
    const { world, timeline } = setUp()
    timeline.show(view, traffic)
    timeline.show(view, traffic)
    timeline.show({ ...view, state: shipped, transitions: [opened, shipping] }, traffic)
    expect(world.text.trimEnd().split('\n')).toEqual([
      '   0.0 s  running  stage 1/3   30 %  start: Phase 1 starts with 30 % of eligible units.',
      '   0.0 s  shipped  stage 1/3  100 %  ship: Primary finished: better.',
    ])
  })

  it('says now and then what a waiting rollout waits for, and never a look at another state', () => {
    const { world, timeline } = setUp()
    timeline.show(view, traffic)
    world.elapsed = 1_000
    timeline.show(view, traffic)
    world.elapsed = 2_100
    timeline.show(view, traffic)
    world.elapsed = 5_000
    timeline.show({ ...view, state: shipped, transitions: [opened] }, traffic)
    expect(world.text.trimEnd().split('\n').slice(1)).toEqual([
      '   2.1 s  running  stage 1/3   30 %  continue: Stage 1 has lasted 1s of at least 3s.',
    ])
  })

  it('draws a bar on a terminal, with what there is room for, and takes it away at the end', () => {
    const { world, timeline } = setUp({ isTTY: true, columns: 70 })
    timeline.show(view, traffic)
    const [line, bar] = world.text.split('\n').map((text) => text.split('\x1b[2K').at(-1))
    expect(line).toContain('start: Phase 1')
    expect(bar).toBe('   0.0 s  [███░░░░░░░] running  stage 1/3   30 %  12 viewers')
    timeline.end()
    expect(world.text.endsWith('\r\x1b[2K')).toBe(true)
  })
})

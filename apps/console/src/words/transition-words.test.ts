import type { RolloutState } from '@fairtrial/protocol'
import { expect, it } from 'vitest'
import { sayTransition } from './transition-words.ts'

const running = { status: 'running', phase: 1, stage: 0 }
const approval = { by: 'ada', at: 0, reason: 'Looked at it.' }

const OPEN = { status: 'holding', awaitsStart: true }

it.each([
  [null, {}, 'Phase 1 opened'],
  [{ status: 'aborted' }, { phase: 2 }, 'Phase 2 opened'],
  [{}, { stage: 1 }, 'Advanced'],
  [{ approvals: [approval] }, { stage: 1, approvals: [] }, 'Advanced'],
  [{}, { approvals: [approval] }, 'Approved'],
  [{}, { status: 'holding' }, 'Held'],
  [{ status: 'holding' }, {}, 'Went on'],
  [{ status: 'holding' }, { status: 'holding', extendedAt: 9 }, 'Hold extended'],
  [{}, { status: 'holding', heldBy: 'ada' }, 'Held by hand'],
  [{ status: 'holding', heldBy: 'ada' }, { heldBy: null }, 'Resumed'],
  [{ status: 'baking' }, { status: 'baking', heldBy: 'ada' }, 'Held by hand'],
  [{}, { status: 'baking' }, 'Baking'],
  [{ status: 'holding', heldBy: 'ada' }, { status: 'aborted', heldBy: null }, 'Aborted'],
  [null, OPEN, 'Phase 1 opened'],
  [OPEN, { ...OPEN, approvals: [approval] }, 'Approved'],
  [OPEN, { ...OPEN, heldBy: 'ada' }, 'Held by hand'],
  [{ ...OPEN, approvals: [approval] }, { awaitsStart: false }, 'Started'],
  [OPEN, { status: 'aborted', awaitsStart: false }, 'Aborted'],
])('from %j to %j: %s', (from, to, word) => {
  const state = (changes: object) => ({ ...running, ...changes }) as unknown as RolloutState
  expect(sayTransition({ from: from && state(from), to: state(to) })).toBe(word)
})

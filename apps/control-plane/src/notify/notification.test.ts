import type { ReadinessReport, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { startRollout } from '@fairtrial/rollout'
import type { RollbackProof } from '@fairtrial/rollout'
import { expect, it } from 'vitest'
import { experiment } from '../../test/trial.ts'
import { proofNotification, transitionNotification } from './notification.ts'

const running = startRollout(experiment, { now: 1_000 })
const change = (from: Partial<RolloutState> | null, to: Partial<RolloutState>): TransitionEvent => ({
  schema: 'fairtrial.transition/1',
  experiment: 'home-row',
  at: 2_000,
  by: 'ada',
  from: from && { ...running, ...from },
  to: { ...running, revision: 2, ...to },
  decision: null,
  reason: 'Because.',
})
const OPEN = { status: 'holding', awaitsStart: true, trafficPercent: 0 } as const
const REPORT: ReadinessReport = {
  schema: 'fairtrial.readiness/1',
  experiment: 'home-row',
  fingerprint: experiment.fingerprint,
  madeAt: 1_000,
  ready: true,
  checks: [],
}
const approval = { by: 'ben', at: 1, reason: 'Fine.' }

it.each<[string, string, TransitionEvent]>([
  ['started', 'info', change(null, {})],
  ['started', 'info', change({ status: 'aborted' }, { phase: 2 })],
  ['awaiting-start', 'warning', change(null, OPEN)],
  ['awaiting-start', 'warning', change({ status: 'aborted' }, { ...OPEN, phase: 2 })],
  ['ready', 'info', { ...change(OPEN, OPEN), readiness: REPORT }],
  ['approval', 'info', change(OPEN, { ...OPEN, approvals: [approval] })],
  ['hold', 'warning', change(OPEN, { ...OPEN, heldBy: 'ada' })],
  ['started', 'info', change({ ...OPEN, approvals: [approval] }, { awaitsStart: false, approvals: [] })],
  ['step', 'info', change({}, { stage: 1 })],
  ['step', 'info', change({ status: 'holding' }, { stage: 1 })],
  ['hold', 'warning', change({}, { status: 'holding' })],
  ['hold', 'warning', change({ status: 'holding' }, { status: 'holding', heldBy: 'ada' })],
  ['resume', 'info', change({ status: 'holding' }, {})],
  ['resume', 'info', change({ status: 'baking', heldBy: 'ada' }, { status: 'baking', heldBy: null })],
  ['approval', 'info', change({}, { approvals: [approval] })],
  ['rollback', 'critical', change({}, { status: 'aborted' })],
  ['rollback', 'critical', change({ status: 'baking' }, { status: 'aborted' })],
  ['baking', 'info', change({}, { status: 'baking' })],
  ['shipped', 'info', change({ status: 'baking' }, { status: 'shipped' })],
  ['stopped', 'info', change({}, { status: 'stopped' })],
  ['changed', 'info', change({}, { trafficPercent: 60 })],
])('calls it %s (%s)', (kind, severity, transition) => {
  const told = transitionNotification(transition)
  expect(told).toMatchObject({ kind, severity, by: 'ada', id: `home-row/2/${kind}`, reasons: ['Because.'] })
  expect(told.title).toMatch(/^home-row .* Because\.$|^home-row .*: Because\.$/)
})

it('says of a rollback whether it is proved, should be, or is not kept to, and names a few', () => {
  const proof: RollbackProof = {
    schema: 'fairtrial.rollback-proof/1',
    experiment: 'home-row',
    revision: 2,
    proved: true,
    provedAt: 3_000,
    waitingFor: [],
    violated: [],
    lastTreatmentServedAt: 2_400,
    servedForMs: 400,
    instances: { acknowledged: 3, lapsed: 0, unconcerned: 0, waiting: 0 },
  }
  const told = (changed: Partial<RollbackProof>) =>
    proofNotification('home-row', 3_000, { ...proof, ...changed })
  expect(told({})).toMatchObject({
    kind: 'rollback-proved',
    severity: 'info',
    title: expect.stringMatching(/400 ms/),
  })
  expect(told({ lastTreatmentServedAt: null, servedForMs: 0 }).title).toBe(
    'home-row: the rollback of revision 2 is proved; no treatment was reported served.',
  )
  expect(told({ proved: false, waitingFor: ['a waits.'] })).toMatchObject({
    kind: 'rollback-unproved',
    severity: 'warning',
    reasons: ['a waits.'],
  })
  const violated = Array.from({ length: 1_000 }, (_, i) => `${i} served new.`)
  const { kind, severity, reasons } = told({ proved: false, violated })
  expect([kind, severity, reasons.length, reasons.at(-1)]).toEqual([
    'still-served',
    'critical',
    6,
    'And 995 more.',
  ])
})

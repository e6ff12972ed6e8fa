import { RolloutState } from '@fairtrial/protocol'
import type { Experiment, TransitionEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import {
  HOUR,
  makeAudit,
  makeEvaluation,
  makeExperiment,
  makeFinding,
  makeGuardrail,
  makeReadiness,
} from '../test/fixture.ts'
import { brokenInvariants, reachOf } from '../test/invariants.ts'
import { clearedSince } from './cleared-since.ts'
import { decide } from './decide.ts'
import { operate, type Order } from './operate.ts'
import { isFinal, startRollout } from './start.ts'
import { openPhase, transition } from './transition.ts'

// Everything that a plan can have, with times of a few hours: a step takes one.
const patient = (metric: string, action: 'abort' | 'hold') => {
  const { hardLimit: _, evidence, ...guardrail } = makeGuardrail(metric, action)
  return { ...guardrail, evidence: { ...evidence, maximumHold: '3h', extension: '2h' } } as const
}
const experiment: Experiment = makeExperiment({
  hypothesis: { ...makeExperiment().hypothesis, horizon: '9h' },
  guardrails: [patient('started', 'abort'), patient('latency', 'hold')],
  checks: { leak: 'abort' },
  ramp: {
    stages: [
      { trafficPercent: 10, holdFor: '1h', minimumUnits: 100 },
      { trafficPercent: 50, holdFor: '1h', minimumUnits: 100, approvals: 2 },
    ],
    bake: { for: '2h', holdbackPercent: 5 },
    coolDown: '2h',
  },
})

/** The same, and open for a start first. */
const gated = (approvals: number): Experiment => ({
  ...experiment,
  ramp: { ...experiment.ramp, start: { readiness: true, maximumAge: '6h', approvals } },
})

/** What a look may have brought. Sound evidence first. */
const EVIDENCE = {
  better: { watched: 'better', started: 'ok', latency: 'ok' },
  open: { watched: 'unknown', started: 'ok', latency: 'ok' },
  worse: { watched: 'worse', started: 'ok', latency: 'ok' },
  unproven: { watched: 'better', started: 'unknown', latency: 'ok' },
  signal: { watched: 'better', started: 'ok', latency: 'breach' },
  harm: { watched: 'better', started: 'breach', latency: 'ok' },
  stale: 'stale-data',
  broken: 'sample-ratio',
  leak: 'leak',
  nothing: null,
} as const
type Seen = keyof typeof EVIDENCE
const HARMS: ReadonlySet<Seen> = new Set<Seen>(['harm', 'leak'])
const SOUND: ReadonlySet<Seen> = new Set<Seen>(['better', 'open', 'worse'])

const ORDERS = (
  [
    ['abort', 'ada'],
    ['hold', 'ada'],
    ['resume', 'bob'],
    ['advance', 'ada'],
    ['approve', 'ada'],
    ['approve', 'bob'],
    ['retry', 'ada'],
  ] as const
).map(([action, by]): Order => ({ action, by, reason: 'By hand.' }))

type Given = 'fresh' | 'earlier' | 'old' | 'failed'
type Move =
  | { readonly see: Seen }
  | { readonly order: Order }
  | { readonly ready: Given }
  | { readonly edit: true }
  | { readonly sleep: number }
  | { readonly crash: true }
const MOVES: readonly Move[] = [
  ...(Object.keys(EVIDENCE) as Seen[]).map((see) => ({ see })),
  ...ORDERS.map((order) => ({ order })),
  { sleep: 24 * HOUR },
  { crash: true },
]
const GATED_MOVES: readonly Move[] = [
  ...MOVES,
  { ready: 'fresh' },
  { ready: 'earlier' },
  { ready: 'old' },
  { ready: 'failed' },
  // One person under another spelling, who is still one.
  { order: { action: 'approve', by: ' Ada', reason: 'By hand.' } },
  { order: { action: 'advance', by: 'cleo', reason: 'By hand.' } },
  { edit: true },
]

/** How long ago a report was made: too long for the plan, or so long that a phase may have ended since. */
const AGES: Readonly<Record<Given, number>> = { fresh: 0, earlier: 4 * HOUR, old: 7 * HOUR, failed: 0 }

interface Place {
  readonly state: RolloutState
  readonly now: number
  /** The one thing that a controller remembers. */
  readonly clearSince: number | null
  /** The plan in hand, and the one under which the phase was opened: an edit of the ramp is of the same design. */
  readonly plan: Experiment
  readonly openedUnder: Experiment
  /** When the phase before ended. */
  readonly endedAt: number
}

function orderOf(move: { order: Order } | { ready: Given }, now: number): Order {
  if ('order' in move) return move.order
  const failed = move.ready === 'failed' ? (['dry-run'] as const) : []
  const report = makeReadiness(experiment, now - AGES[move.ready], failed)
  return { action: 'ready', by: 'ci', reason: 'Checked.', report }
}

function look({ state, now }: Place, seen: Seen) {
  const told = EVIDENCE[seen]
  if (told === null) return { evaluation: null, audit: null }
  const verdicts = typeof told === 'string' ? EVIDENCE.better : told
  const severity = told === 'stale-data' ? 'caution' : 'broken'
  const evaluation = { ...makeEvaluation(experiment, now, 10_000, verdicts), phase: state.phase }
  return {
    evaluation,
    audit: makeAudit(experiment, now, typeof told === 'string' ? [makeFinding(told, severity)] : []),
  }
}

/** One step, of an hour; null where it is refused. What the step makes of the state must hold, whichever it is. */
function step(
  plans: readonly [Experiment, Experiment],
  place: Place,
  move: Move,
): { next: Place; event: TransitionEvent | null } | null {
  const now = place.now + HOUR
  const { state, clearSince, plan: experiment } = place
  if ('edit' in move) {
    return { next: { ...place, now, plan: plans.find((plan) => plan !== experiment)! }, event: null }
  }
  if ('sleep' in move) return { next: { ...place, now: now + move.sleep }, event: null }
  if ('crash' in move) return { next: { ...place, now, clearSince: null }, event: null }
  if ('order' in move || 'ready' in move) {
    try {
      const event = operate(experiment, state, orderOf(move, now), now)
      return { next: follow(place, event, { now, clearSince }), event }
    } catch (error) {
      expect((error as { code: string }).code).toBe('refused')
      return null
    }
  }
  const decision = decide({ experiment, state, now, clearSince, ...look({ ...place, now }, move.see) })
  const event = transition(experiment, state, decision, { now, by: 'controller' })
  expect(decision.reasons[0]).toBeTruthy()
  expect(decision.changesWhen?.[0]).toBeTruthy()
  return { next: follow(place, event, { now, clearSince: clearedSince(decision, clearSince) }), event }
}

function follow(place: Place, event: TransitionEvent | null, rest: Pick<Place, 'now' | 'clearSince'>): Place {
  if (event === null) return { ...place, ...rest }
  const { to } = event
  const isOpened = to.phase !== place.state.phase
  const ends = isFinal(to) && !isFinal(place.state)
  return {
    ...place,
    ...rest,
    state: to,
    ...(isOpened && { openedUnder: place.plan }),
    ...(ends && { endedAt: to.changedAt }),
  }
}

/** What an edit, and a report of another time, must not do to a start. */
function brokenByGate(
  { state, plan, openedUnder, endedAt, now }: Place,
  isByHand: boolean,
): readonly string[] {
  const gates = [plan, openedUnder].map(({ ramp }) => ramp.start ?? {})
  const given = state.approvals?.length ?? 0
  const wrong: string[] = []
  if (gates.some(({ approvals = 0 }) => given < approvals)) wrong.push('No edit lets a phase past people.')
  if (isByHand || gates.every(({ readiness = false }) => !readiness)) return wrong
  const madeAt = state.readiness?.madeAt ?? -Infinity
  if (now + HOUR - madeAt > 6 * HOUR) wrong.push('No edit lets a phase start without a report that is fresh.')
  if (madeAt < endedAt) wrong.push('No phase starts by what was found before the one before it ended.')
  return wrong
}

/** What the step alone must hold to, beyond the change itself. */
function brokenByStep(place: Place, move: Move, next: Place): readonly string[] {
  const { state } = place
  const wrong: string[] = []
  if (isFinal(state)) {
    const isRetry = 'order' in move && move.order.action === 'retry'
    return next.state === state || isRetry ? [] : ['What is over stays over.']
  }
  if ('order' in move && move.order.action === 'abort' && next.state.status !== 'aborted') {
    wrong.push('An abort always wins.')
  }
  const left = state.holdingSince !== null && next.state.holdingSince === null && !isFinal(next.state)
  if (left && !((place.clearSince ?? next.now) <= next.now - 2 * HOUR)) wrong.push('A hold cools down.')
  if (state.awaitsStart === true && next.state.status === 'running') {
    wrong.push(...brokenByGate(place, 'order' in move))
  }
  if (!('see' in move)) return wrong
  if (state.awaitsStart === true) return wrong
  if (HARMS.has(move.see) && next.state.status !== 'aborted') wrong.push('Harm aborts.')
  if (!SOUND.has(move.see) && reachOf(next.state) > reachOf(state)) wrong.push('Doubt reaches no further.')
  if (!SOUND.has(move.see) && next.state.status === 'shipped') wrong.push('Doubt ships nothing.')
  const isHeld = (state.heldBy ?? null) !== null
  if (isHeld && next.state !== state && !HARMS.has(move.see)) wrong.push('A hold by hand stays.')
  const heldFor = state.holdingSince === null ? 0 : next.now - state.holdingSince
  const isBlind = move.see === 'nothing' || move.see === 'stale'
  if (!isHeld && isBlind && heldFor >= 3 * HOUR && next.state.status !== 'aborted') {
    wrong.push('Missing evidence holds no longer than the plan allows.')
  }
  return wrong
}

/** Two places with the same future: times count by what has passed, and beyond the longest length of the plan no more. */
function keyOf({ state, now, clearSince, plan, openedUnder, endedAt }: Place): string {
  const since = (at: number | null = null) => (at === null ? -1 : Math.min(now - at, 10 * HOUR) / HOUR)
  const { startedAt, stageStartedAt, changedAt, holdingSince, extendedAt } = state
  return [
    state.status,
    state.stage,
    Math.min(state.phase, 3),
    state.heldBy,
    state.approvals?.map(({ by }) => by).toSorted(),
    state.awaitsStart,
    since(state.readiness?.madeAt),
    plan.ramp.start?.approvals,
    openedUnder.ramp.start?.approvals,
    state.awaitsStart === true && since(endedAt),
    ...[startedAt, stageStartedAt, changedAt, holdingSince, extendedAt, clearSince].map(since),
  ].join()
}

/** Late enough for a report to be older than the plan allows. */
const BEGINNING = 100 * HOUR

/** Breadth first: every order of every move, to a depth; what is reached twice is gone on from once. */
function explore(plans: readonly [Experiment, Experiment], moves: readonly Move[], depth: number) {
  const [experiment] = plans
  const start = startRollout(experiment, { now: BEGINNING })
  const statuses = new Set<string>()
  const starts = new Set<string>()
  const wrong = new Set<string>(
    brokenInvariants(experiment, openPhase(experiment, null, start, 'controller')),
  )
  const seen = new Set<string>()
  let front: { readonly place: Place; readonly path: string }[] = [
    {
      place: {
        state: start,
        now: BEGINNING,
        clearSince: null,
        plan: experiment,
        openedUnder: experiment,
        endedAt: 0,
      },
      path: '',
    },
  ]
  let steps = 0
  for (let level = 0; level < depth; level++) {
    const reached: typeof front = []
    for (const { place, path } of front) {
      for (const move of moves) {
        steps++
        const taken = step(plans, place, move)
        if (taken === null) continue
        const { next, event } = taken
        const here = `${path} ${JSON.stringify(move)}`
        const broken = [
          ...(event === null ? [] : brokenInvariants(place.plan, event)),
          ...brokenByStep(place, move, next),
        ]
        for (const sentence of broken) wrong.add(`${sentence} After${here}`)
        if (event?.from?.awaitsStart === true && next.state.status === 'running') starts.add(event.by)
        const key = keyOf(next)
        if (seen.has(key)) continue
        seen.add(key)
        if (!RolloutState.safeParse(next.state).success) wrong.add(`A state fits its schema. After${here}`)
        statuses.add(next.state.status)
        reached.push({ place: next, path: here })
      }
    }
    front = reached
  }
  return { steps, places: seen.size, statuses, starts, wrong }
}

describe('whatever happens in whatever order', () => {
  const plain = explore([experiment, experiment], MOVES, 7)

  it(`keeps what must always hold, in ${plain.places} places by ${plain.steps} steps`, () => {
    expect([...plain.wrong].slice(0, 3)).toEqual([])
    expect([...plain.statuses].toSorted()).toEqual([
      'aborted',
      'baking',
      'holding',
      'running',
      'shipped',
      'stopped',
    ])
  })

  it.each([1, 2])(
    'FEATURES A11, J4: and where a start asks for a report and %i approvals, and is edited meanwhile',
    (approvals) => {
      const { wrong, starts, places } = explore([gated(approvals), experiment], GATED_MOVES, 6)
      expect([...wrong].slice(0, 3)).toEqual([])
      // Whoever overrides a missing report is not the only one who has approved.
      expect([...starts].toSorted()).toEqual(['ada', 'cleo', 'controller'])
      expect(places).toBeGreaterThan(2_000)
    },
  )
})

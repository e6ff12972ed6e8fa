import type { LookLedger, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import type { StateStore } from '../controller/state-store.ts'

/** One demand on every state store: throws where it is not met. Runs under any test runner. */
export interface ContractCase {
  readonly name: string
  run(store: StateStore): Promise<void>
}

/** What every state store keeps to. */
export const stateStoreContract: readonly ContractCase[] = [
  {
    name: 'is empty before the first transition',
    async run(store) {
      equal(await store.read('trial'), null, 'the state')
      equal(await store.transitions('trial'), [], 'the journal')
    },
  },
  {
    name: 'reads back what was stored, and keeps every transition in order',
    async run(store) {
      const [first, second] = [step(null), step(1)]
      equal(await store.compareAndSet(first, null), { stored: true, state: first.to }, 'the first outcome')
      equal(await store.compareAndSet(second, 1), { stored: true, state: second.to }, 'the second outcome')
      equal(await store.read('trial'), second.to, 'the state')
      equal(await store.transitions('trial'), [first, second], 'the journal')
    },
  },
  {
    name: 'tells the loser of a compare-and-set which state it lost to, and changes nothing',
    async run(store) {
      const winner = step(1)
      await store.compareAndSet(step(null), null)
      await store.compareAndSet(winner, 1)
      const lost = { stored: false, state: winner.to }
      equal(await store.compareAndSet(step(1, 'too late'), 1), lost, 'the outcome of the loser')
      equal(await store.compareAndSet(step(null), null), lost, 'the outcome of a second start')
      equal(await store.read('trial'), winner.to, 'the state')
    },
  },
  {
    name: 'lets exactly one of many writers win who saw the same revision',
    async run(store) {
      await store.compareAndSet(step(null), null)
      const writers = Array.from({ length: 20 }, (_, i) => store.compareAndSet(step(1, `writer ${i}`), 1))
      const outcomes = await Promise.all(writers)
      equal(outcomes.filter((outcome) => outcome.stored).length, 1, 'the number of winners')
      const state = await store.read('trial')
      for (const outcome of outcomes) equal(outcome.state, state, 'the state that a writer was told')
    },
  },
  {
    name: 'keeps experiments apart',
    async run(store) {
      await store.compareAndSet(step(null), null)
      equal(await store.read('trial.2'), null, 'the state of another')
    },
  },
  {
    name: 'refuses a transition that does not lead one revision on',
    async run(store) {
      await store.compareAndSet(step(null), null)
      const refused = await store.compareAndSet(step(2), 1).then(
        () => false,
        () => true,
      )
      equal(refused, true, 'whether it was refused')
      equal((await store.read('trial'))?.revision, 1, 'the revision')
    },
  },
  {
    name: 'records looks as they are taken, and keeps phases apart',
    async run(store) {
      equal(await store.looks('trial', 1), null, 'the looks before the first')
      equal(await store.recordLooks(ledgerOf(1), 0), true, 'whether the first look was recorded')
      equal(await store.recordLooks(ledgerOf(3), 1), true, 'whether two more were recorded')
      equal(await store.looks('trial', 1), ledgerOf(3), 'the looks')
      equal(await store.looks('trial', 2), null, 'the looks of another phase')
    },
  },
  {
    name: 'records one of two looks that were taken at once, and never fewer looks than before',
    async run(store) {
      const racers = Array.from({ length: 8 }, () => store.recordLooks(ledgerOf(1), 0))
      const recorded = await Promise.all(racers)
      equal(recorded.filter(Boolean).length, 1, 'the number of looks recorded')
      equal(await store.recordLooks(ledgerOf(2), 0), false, 'whether a look after an old ledger was recorded')
      const refused = await store.recordLooks(ledgerOf(1), 1).then(
        () => false,
        () => true,
      )
      equal(refused, true, 'whether a ledger that has not grown was refused')
    },
  },
]

function ledgerOf(looks: number): LookLedger {
  return {
    schema: 'fairtrial.look-ledger/1',
    experiment: 'trial',
    fingerprint: 'a'.repeat(64),
    phase: 1,
    attempt: { share: 1, total: 1 },
    looks: Array.from({ length: looks }, (_, index) => ({
      metric: 'started',
      variant: 'model',
      look: index + 1,
      kind: 'scheduled' as const,
      at: 1_000 + index,
      units: 100 * (index + 1),
      informationFraction: (index + 1) / 4,
      effect: 0.01,
      z: 1,
      boundary: 3,
      alphaSpent: 0.01,
      decided: null,
    })),
    glances: 0,
  }
}

function step(from: number | null, cause = 'a step'): TransitionEvent {
  const to = stateAt((from ?? 0) + 1, cause)
  const before = from === null ? null : stateAt(from, 'a step')
  return {
    schema: 'fairtrial.transition/1',
    experiment: 'trial',
    at: to.changedAt,
    by: 'contract',
    from: before,
    to,
    decision: null,
    reason: cause,
  }
}

function stateAt(revision: number, cause: string): RolloutState {
  return {
    schema: 'fairtrial.state/1',
    experiment: 'trial',
    fingerprint: 'a'.repeat(64),
    phase: 1,
    revision,
    status: 'running',
    stage: 0,
    trafficPercent: 1,
    shippedVariant: null,
    startedAt: 1_000,
    stageStartedAt: 1_000,
    changedAt: 1_000 + revision,
    holdingSince: null,
    cause,
  }
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what} is ${a}, and must be ${b}.`)
}

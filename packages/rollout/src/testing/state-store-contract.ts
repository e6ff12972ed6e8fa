import type { StateStore } from '../controller/state-store.ts'
import { equal, isRefused, ledgerOf, readiness, step } from './contract-case.ts'

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
      const [first, second] = [step(null), { ...step(1), readiness }]
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
    name: 'names, if it can, every experiment that has a state, and none that has looks alone',
    async run(store) {
      if (store.experiments === undefined) return
      equal(await store.experiments(), [], 'the experiments before the first')
      await store.recordLooks(ledgerOf(1), 0)
      equal(await store.experiments(), [], 'the experiments after a look')
      const first = step(null)
      await store.compareAndSet(first, null)
      const other = { ...first, experiment: 'trial.2', to: { ...first.to, experiment: 'trial.2' } }
      await store.compareAndSet(other, null)
      await store.compareAndSet(step(1), 1)
      equal([...(await store.experiments())].sort(), ['trial', 'trial.2'], 'the experiments')
    },
  },
  {
    name: 'refuses a transition that does not lead one revision on',
    async run(store) {
      await store.compareAndSet(step(null), null)
      equal(await isRefused(store.compareAndSet(step(2), 1)), true, 'whether it was refused')
      equal((await store.read('trial'))?.revision, 1, 'the revision')
    },
  },
  {
    name: 'stores nothing that could not be read again',
    async run(store) {
      const first = step(null)
      for (const wrong of [{ changedAt: 1234.5 }, { trafficPercent: 101 }]) {
        const refused = isRefused(store.compareAndSet({ ...first, to: { ...first.to, ...wrong } }, null))
        equal(await refused, true, 'whether it was refused')
      }
      equal(await store.read('trial'), null, 'the state')
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
      const notGrown = store.recordLooks(ledgerOf(1), 1)
      equal(await isRefused(notGrown), true, 'whether a ledger that has not grown was refused')
    },
  },
  {
    name: 'records one of two looks that were taken at once, also where one of them holds more',
    async run(store) {
      await store.recordLooks(ledgerOf(1), 0)
      const recorded = await Promise.all([2, 3, 4].map((looks) => store.recordLooks(ledgerOf(looks), 1)))
      equal(recorded.filter(Boolean).length, 1, 'the number of ledgers recorded')
    },
  },
  {
    name: 'tells whoever watches of each new state, until they have heard enough',
    async run(store) {
      const heard: (string | null)[] = []
      let wake = () => {}
      const stop = await store.watch?.((experiment) => {
        heard.push(experiment)
        wake()
      })
      if (stop === undefined) return
      const woken = new Promise<void>((resolve) => (wake = resolve))
      await store.compareAndSet(step(null), null)
      await woken
      await stop()
      await store.compareAndSet(step(1), 1)
      equal(heard, ['trial'], 'what was heard')
    },
  },
  {
    name: 'FAULTS 67: takes no key that is none, and keeps free text as it is',
    async run(store) {
      for (const key of HOSTILE) {
        if (/^[A-Za-z0-9_.-]{1,128}$/.test(key)) continue
        equal(await isRefused(store.read(key)), true, `whether ${JSON.stringify(key)} was refused`)
      }
      let revision: number | null = null
      for (const cause of HOSTILE) {
        const transition = step(revision, cause, HOSTILE[(revision ?? 0) - 1])
        equal(
          await store.compareAndSet(transition, revision),
          { stored: true, state: transition.to },
          'the outcome',
        )
        revision = transition.to.revision
      }
      const causes = (await store.transitions('trial')).map(({ to }) => to.cause)
      equal(causes, HOSTILE, 'the causes')
    },
  },
]

/** What people and attackers write where a key or a reason is asked for. */
const HOSTILE: readonly string[] = [
  "'; DROP SCHEMA fairtrial CASCADE; --",
  "trial' OR '1'='1",
  "trial'); DELETE FROM fairtrial.transitions; --",
  '$1',
  '$$; SELECT pg_sleep(10); $$',
  "E'\\\\' || pg_read_file('/etc/passwd')",
  '\\',
  "\\'; SELECT 1; --",
  '"; DROP TABLE transitions; --',
  '/* */ UNION SELECT NULL--',
  '%00',
  'nul \u0000 inside',
  'half a surrogate \ud800',
  '../../etc/passwd',
  'line\r\nanother \u001b[31mred',
  '',
]

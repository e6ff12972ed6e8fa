import type { LeaderLease } from '../controller/leader-lease.ts'
import type { StateStore } from '../controller/state-store.ts'
import { equal, ledgerOf, step } from './contract-case.ts'

/** A store, and what leads on it. */
export interface Leadership {
  readonly store: StateStore
  /** The lease as one replica holds it. */
  leaseOf(holder: string): LeaderLease
  /** Lets the lease in force come to its end: its holder has died, or was stopped. */
  lapse(): Promise<void>
}

/** One demand on every lease and the store beside it: throws where it is not met. Runs under any test runner. */
export interface LeaseCase {
  readonly name: string
  run(leadership: Leadership): Promise<void>
}

/** What every lease keeps to, and every store with regard to its tokens. */
export const leaseContract: readonly LeaseCase[] = [
  {
    name: 'is held by one at a time, and renewed by that one',
    async run({ leaseOf }) {
      const [ada, bob] = [leaseOf('ada'), leaseOf('bob')]
      equal(ada.current(), null, 'the token before')
      equal(await ada.acquire(), { token: 1 }, 'what was acquired')
      equal(await bob.acquire(), null, 'what the other got')
      equal(await bob.renew(), false, 'whether the other may renew')
      equal(await ada.renew(), true, 'whether the holder may renew')
      equal(await ada.acquire(), { token: 1 }, 'what the holder acquired')
      equal([ada.current(), bob.current()], [1, null], 'the tokens')
    },
  },
  {
    name: 'is granted to one of many that ask at once',
    async run({ leaseOf }) {
      const leases = Array.from({ length: 8 }, (_, i) => leaseOf(`replica ${i}`))
      const granted = await Promise.all(leases.map((lease) => lease.acquire()))
      equal(granted.filter((grant) => grant !== null).length, 1, 'how many got it')
    },
  },
  {
    name: 'can be given up, and then begins with the next token',
    async run({ leaseOf }) {
      const [ada, bob] = [leaseOf('ada'), leaseOf('bob')]
      await ada.acquire()
      await ada.release()
      equal(ada.current(), null, 'the token of who gave it up')
      equal(await bob.acquire(), { token: 2 }, 'what the other got')
      await ada.release()
      equal(await bob.renew(), true, 'whether the holder may renew after a second release')
    },
  },
  {
    name: 'goes to another when it lapses, and is lost without a word to who had it',
    async run({ leaseOf, lapse }) {
      const [ada, bob] = [leaseOf('ada'), leaseOf('bob')]
      await ada.acquire()
      await lapse()
      equal(await bob.acquire(), { token: 2 }, 'what the other got')
      equal(await ada.renew(), false, 'whether who had it may renew')
      equal(ada.current(), null, 'the token of who had it')
    },
  },
  {
    name: 'FAULTS 55: the store takes nothing from a leader whose lease another has, and tells it so',
    async run({ store, leaseOf, lapse }) {
      const [ada, bob] = [leaseOf('ada'), leaseOf('bob')]
      const stale = { fence: await tokenOf(ada) }
      const first = step(null)
      equal(
        await store.compareAndSet(first, null, stale),
        { stored: true, state: first.to },
        'the first outcome',
      )
      equal(await store.recordLooks(ledgerOf(1), 0, stale), true, 'whether the first look was recorded')
      await lapse()
      const fence = await tokenOf(bob)
      const fenced = { stored: false, fenced: true, state: first.to }
      equal(await store.compareAndSet(step(1), 1, stale), fenced, 'the outcome of who led')
      equal(await store.recordLooks(ledgerOf(2), 1, stale), false, 'whether a look of who led was recorded')
      const second = step(1)
      equal(
        await store.compareAndSet(second, 1, { fence }),
        { stored: true, state: second.to },
        'the outcome',
      )
      equal(await store.recordLooks(ledgerOf(2), 1, { fence }), true, 'whether a look was recorded')
      equal((await store.transitions('trial')).length, 2, 'the length of the journal')
    },
  },
  {
    name: 'FAULTS 59: an order by hand needs no lease, and whoever leads is told that it lost',
    async run({ store, leaseOf }) {
      const fence = await tokenOf(leaseOf('ada'))
      await store.compareAndSet(step(null), null, { fence })
      const order = step(1, 'by hand')
      equal(
        await store.compareAndSet(order, 1),
        { stored: true, state: order.to },
        'the outcome of the order',
      )
      const lost = { stored: false, state: order.to }
      equal(await store.compareAndSet(step(1), 1, { fence }), lost, 'the outcome of the leader')
    },
  },
]

async function tokenOf(lease: LeaderLease): Promise<number> {
  const granted = await lease.acquire()
  if (granted === null) throw new Error('The lease is not granted, and must be.')
  return granted.token
}

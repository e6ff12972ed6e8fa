import type { EventLog, LeaderLease, StateStore } from '../src/controller/index.ts'

interface Ports {
  readonly store: StateStore
  readonly log: EventLog
  readonly lease: LeaderLease
}

/**
 * The ports of a process that dies at its so manyth await: before what it asks for has happened, or after it has and
 * before it knows. From then on nothing that it asks for happens, and no answer comes.
 */
export function dyingPorts({ store, log, lease }: Ports, diesAt: number) {
  let points = 0
  let isDead = false
  let tellDeath = () => {}
  const died = new Promise<'died'>((resolve) => {
    tellDeath = () => resolve('died')
  })
  const pass = async () => {
    if (!isDead) isDead = ++points === diesAt
    if (!isDead) return
    tellDeath()
    await new Promise<never>(() => undefined)
  }
  const dying =
    <Args extends unknown[], Result>(ask: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await pass()
      const answer = await ask(...args)
      await pass()
      return answer
    }
  return {
    died,
    /** How many awaits there were. */
    points: () => points,
    store: {
      read: dying(store.read),
      compareAndSet: dying(store.compareAndSet),
      transitions: dying(store.transitions),
      looks: dying(store.looks),
      recordLooks: dying(store.recordLooks),
    } satisfies StateStore,
    log: { readFrom: dying(log.readFrom) } satisfies EventLog,
    lease: {
      acquire: dying(lease.acquire),
      renew: dying(lease.renew),
      release: dying(lease.release),
      current: lease.current,
    } satisfies LeaderLease,
  }
}

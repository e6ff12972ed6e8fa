import type { StateStore } from '@fairtrial/rollout/controller'
import type { Role } from './access/caller.ts'
import type { Tell } from './notice.ts'
import { CONTROLLER } from './orders.ts'

/** Names are those of tokens; where there are none, whatever is written. */
const MAXIMUM_NAMES = 1_000

/** Tells every transition of an experiment once, from the journal: also one that another replica made. */
export interface JournalFollower {
  /** Notes what somebody is who orders something here. */
  noteRole(by: string, role: Role): void
  /** Tells what is new, if the revision in force is another than the last one told. Rejects where the store cannot be read. */
  catchUp(revision: number): Promise<void>
  /** Looks whether there is something new: somebody says so. */
  look(): void
}

/**
 * What a tick says that it did is no journal: a connection may break after the commit, and then the tick says that it
 * failed. What the store has is what happened.
 *
 * @param toldUpTo the revision in force at the start; what came before is no news
 */
export function followJournal(store: StateStore, key: string, tell: Tell, toldUpTo: number): JournalFollower {
  const roles = new Map<string, Role>()
  let told = toldUpTo
  let turn: Promise<void> = Promise.resolve()

  async function read(revision: number): Promise<void> {
    if (revision <= told) return
    for (const transition of await store.transitions(key)) {
      const { revision: made } = transition.to
      if (made <= told) continue
      told = made
      const { at, by } = transition
      const role = by === CONTROLLER ? by : (roles.get(by) ?? 'operator')
      tell({ kind: 'transition', at, experiment: key, role, transition })
    }
  }

  function catchUp(revision: number): Promise<void> {
    const done = turn.then(() => read(revision))
    turn = done.catch(() => undefined)
    return done
  }

  return {
    noteRole(by, role) {
      if (roles.size >= MAXIMUM_NAMES) roles.clear()
      roles.set(by, role)
    },
    catchUp,
    // Where it fails, the next turn of the loop looks again.
    look: () => void catchUp(Number.POSITIVE_INFINITY).catch(() => undefined),
  }
}

import type { Snapshot } from '@fairtrial/protocol'
import { readSnapshot } from './read-snapshot.ts'
import type { StateSource } from './source.ts'

/** A source that holds what it was given. */
export interface GivenSnapshot extends StateSource {
  /** Puts the next snapshot in force at once. Throws ExperimentError where it is malformed. */
  give(snapshot: Snapshot): void
}

/**
 * States given in code: for a test, a script, or a service that embeds its controller. They are on a lease
 * as any others, counted from the moment they are given.
 *
 * @throws ExperimentError `invalid-state` or `unsupported-version`
 */
export function givenSnapshot(first: Snapshot): GivenSnapshot {
  let current = readSnapshot(first)
  let given = 1
  const watchers: (() => void)[] = []
  return {
    pollMs: Infinity,
    read: ({ tag }) => (tag === String(given) ? {} : { snapshot: current, tag: String(given) }),
    watch: (changed) => void watchers.push(changed),
    give(next) {
      current = readSnapshot(next)
      given += 1
      for (const changed of watchers) changed()
    },
  }
}

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Experiment, reseal, type RolloutState } from '@fairtrial/protocol'
import { readKept, writeKept } from './kept-file.ts'

/** The sealed definitions that were started from a data directory: what a changed one is held against. */
export interface KeptDefinitions {
  /**
   * Whether a started rollout may go on under the definition in hand.
   *
   * @param isNewPhaseMeant an edit that opens a new phase is then no mistake
   * @returns the paths of safe edits
   * @throws ExperimentError `definition-changed` with every edit that is in the way
   */
  check(experiment: Experiment, state: RolloutState, isNewPhaseMeant: boolean): Promise<readonly string[]>
  keep(experiment: Experiment): Promise<void>
  /** The one that was kept last; null where none was. */
  read(key: string): Promise<Experiment | null>
  /** Of every experiment that was ever started from here. */
  keys(): Promise<readonly string[]>
}

export function keptDefinitions(directory: string): KeptDefinitions {
  const pathOf = (key: string) => join(directory, `${key}.json`)
  const read = async (key: string) => (await readKept(pathOf(key))) as Experiment | null
  return {
    async check(experiment, state, isNewPhaseMeant) {
      const kept = await read(experiment.key)
      // A process that was killed between two writes may have kept another one than the state was made for:
      // the controller then still refuses, by fingerprint.
      if (
        kept === null ||
        (kept.fingerprint !== state.fingerprint && kept.fingerprint !== experiment.fingerprint)
      )
        return []
      return reseal(kept, experiment, isNewPhaseMeant ? 'new-phase' : 'refuse')
        .changes.filter(({ effect }) => effect === 'safe')
        .map(({ path }) => path)
    },
    read,
    keep: (experiment) => writeKept(pathOf(experiment.key), experiment),
    async keys() {
      const names = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') return []
        throw cause
      })
      return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
    },
  }
}

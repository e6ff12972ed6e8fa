import type { Experiment } from '@fairtrial/protocol'
import { runningSince, type StateStore } from '@fairtrial/rollout/controller'
import type { KeptDefinitions } from '../kept-definitions.ts'

/** Where it stands what runs, and by which definition. */
export interface RunningPorts {
  /** Of all experiments, also of those that are no longer run here. */
  readonly store: Pick<StateStore, 'read' | 'experiments'>
  /** What is run here. */
  readonly experiments: readonly Experiment[]
  /** What was ever started from here. */
  readonly definitions: Pick<KeptDefinitions, 'keys' | 'read'>
}

/** What all logs are planned by: one answer for each experiment, whichever of them tells of it. */
export interface RunningPhases {
  /** Of which there may be a phase that runs, whether or not a log tells of them. */
  experiments(): Promise<readonly string[]>
  /** See `runningSince`. Rejects where nobody knows. */
  since(experiment: string): Promise<number | null>
}

/** As of now: what was asked once is not asked again. */
export function runningPhases({ store, experiments, definitions }: RunningPorts): RunningPhases {
  const asked = new Map<string, Promise<number | null>>()
  let keys: Promise<readonly string[]> | null = null

  async function ask(key: string): Promise<number | null> {
    const kept = await definitions.read(key)
    const given = experiments.filter((experiment) => experiment.key === key)
    return runningSince(store, key, kept === null ? given : [...given, kept])
  }

  async function list(): Promise<readonly string[]> {
    const stored = (await store.experiments?.()) ?? []
    const kept = await definitions.keys()
    return [...new Set([...stored, ...kept, ...experiments.map(({ key }) => key)])]
  }

  return {
    experiments: () => (keys ??= list()),
    since(key) {
      const answer = asked.get(key) ?? ask(key)
      asked.set(key, answer)
      return answer
    },
  }
}

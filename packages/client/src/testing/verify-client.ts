import type { Recorder } from '@fairtrial/exposure'
import {
  type InstrumentationOptions,
  type VerifiedInstrumentation,
  verifyInstrumentation,
} from '@fairtrial/exposure/testing'
import type { Experiment } from '@fairtrial/protocol'
import { createClient } from '../client.ts'
import type { Client } from '../client-doors.ts'
import { givenSnapshot } from '../given-snapshot.ts'
import { forceArms } from './force-arms.ts'
import { snapshotOf, stateFor } from './state-for.ts'

/** What a service under test is given in one run. */
export interface ClientRun {
  /** What the service assigns and records with; every unit is in `arm`. The service, or the test, closes it. */
  readonly client: Client
  /** What the client records with, for whatever measures: `createObserver({ recorder })`. */
  readonly recorder: Recorder
  readonly arm: string
}

/**
 * `verifyInstrumentation` of `@fairtrial/exposure/testing` for a service that holds a client: it is run once for each
 * variant of the experiment, with all units forced into it.
 *
 * @param run starts the service, lets units meet their arms, and closes the service
 * @throws ExperimentError `invalid-event` naming each event and field that is missing or wrong, and what to do
 */
export async function verifyClient(
  experiment: Experiment,
  run: (subject: ClientRun) => Promise<void> | void,
  options: Omit<InstrumentationOptions, 'arms' | 'experiments' | 'clock'> & {
    /** Further experiments that the service asks for, all running, none of them forced. */
    readonly alsoRunning?: readonly Experiment[]
  } = {},
): Promise<VerifiedInstrumentation> {
  const { alsoRunning = [], ...details } = options
  const experiments = [experiment, ...alsoRunning]
  return verifyInstrumentation(
    async ({ recorder: recording, arm }) => {
      let isEnded = false
      const recorder: Recorder = {
        ...recording,
        // A client that the service left open is closed below, but the recorder must not take that for its doing.
        close: async (deadlineMs) => (isEnded ? recording.account() : recording.close(deadlineMs)),
      }
      const client = createClient({
        experiments,
        source: givenSnapshot(snapshotOf(experiments.map((one) => stateFor(one)))),
        recorder,
        instanceId: 'verified',
      })
      await client.ready()
      try {
        const forced = forceArms(client, { [experiment.key]: arm as string })
        await run({ client: forced, recorder, arm: arm as string })
      } finally {
        isEnded = true
        await client.close()
      }
    },
    { ...details, experiments, arms: experiment.variants.map(({ name }) => name) },
  )
}

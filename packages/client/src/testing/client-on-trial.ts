import { type MemorySink, memorySink } from '@fairtrial/exposure'
import type { Experiment, ServedReport } from '@fairtrial/protocol'
import { createClient } from '../client.ts'
import type { Client, ClientOptions } from '../client-doors.ts'
import { type GivenSnapshot, givenSnapshot } from '../given-snapshot.ts'
import { type FakeClock, fakeClock } from './fake-clock.ts'
import { snapshotOf, stateFor } from './state-for.ts'

/** A client with everything around it in hand. */
export interface ClientOnTrial {
  readonly client: Client
  readonly clock: FakeClock
  /** Gives the client its next snapshot; unused where another source is given. */
  readonly source: GivenSnapshot
  /** What was recorded: `sink.events()`. */
  readonly sink: MemorySink
  /** The reports of what was served, in order. */
  readonly reports: readonly ServedReport[]
  /** What went wrong behind the calls. */
  readonly errors: readonly Error[]
}

/** A client under a fake clock, with all experiments running at full traffic, that records into memory. */
export function clientOnTrial(
  experiments: readonly Experiment[],
  changes: Partial<Omit<ClientOptions, 'sink' | 'recorder' | 'clock' | 'timers'>> & {
    clock?: FakeClock
  } = {},
): ClientOnTrial {
  const { clock = fakeClock() } = changes
  const sink = memorySink()
  const source = givenSnapshot(snapshotOf(experiments.map((experiment) => stateFor(experiment))))
  const reports: ServedReport[] = []
  const errors: Error[] = []
  const client = createClient({
    experiments,
    source,
    sink,
    instanceId: 'on-trial',
    reportServed: async (report) => void reports.push(report),
    onError: (error) => void errors.push(error),
    random: () => 0.5,
    ...changes,
    clock,
    timers: clock,
  })
  return { client, clock, source, sink, reports, errors }
}

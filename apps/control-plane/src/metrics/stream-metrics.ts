import type { ChangeStream } from '../stream/change-stream.ts'
import type { StateStream } from '../stream/state-stream.ts'
import type { Metric } from './metric.ts'

/** Who listens, and who was too slow. */
export function streamMetrics(states: StateStream, changes: ChangeStream): readonly Metric[] {
  const { readers, cut, published } = states.counts()
  return [
    {
      name: 'fairtrial_state_readers',
      help: 'Instances that hear of states as they change.',
      type: 'gauge',
      samples: [{ value: readers }],
    },
    {
      name: 'fairtrial_state_readers_cut_total',
      help: 'Readers of states who read too slowly, and were cut off.',
      type: 'counter',
      samples: [{ value: cut }],
    },
    {
      name: 'fairtrial_states_published_total',
      help: 'Changes and renewals told to all readers.',
      type: 'counter',
      samples: [{ value: published }],
    },
    {
      name: 'fairtrial_people_looking',
      help: 'Readers of the stream of changes.',
      type: 'gauge',
      samples: [{ value: changes.readers() }],
    },
  ]
}

// What a service does: it exposes at the point of use, and a recorder brings the events to Kafka.
import { assign, loadExperiment } from '@fairtrial/assignment'
import { createRecorder } from '@fairtrial/exposure'
import { kafkajsLibrary, kafkaSink, type LogTopics } from '@fairtrial/exposure/kafka'
import { startRollout } from '@fairtrial/rollout'
import { readingList } from './experiment.ts'

export async function serve(brokers: readonly string[], topics: LogTopics): Promise<void> {
  const recorder = createRecorder({
    sink: kafkaSink({ library: kafkajsLibrary({ brokers, clientId: 'reader' }), topics }),
  })
  const loaded = loadExperiment(readingList, startRollout(readingList, { now: Date.now() }))
  for (let i = 0; i < 1000; i++) {
    const unit = { unitType: 'reader', unitId: `reader-${i % 800}` } // every fourth comes back
    const arm = assign(loaded, unit)
    const list = rank(arm.config.order)
    recorder.expose(arm)
    if (list[i % 4] === 'new') recorder.track({ ...unit, name: 'opened' })
  }
  const { exposures, outcomes } = await recorder.close()
  console.log(`service: ${exposures.delivered} exposures and ${outcomes.delivered} outcomes delivered`)
}

function rank(order: 'newest' | 'longest'): readonly string[] {
  return order === 'newest' ? ['new', 'old', 'older', 'oldest'] : ['old', 'new', 'oldest', 'older']
}

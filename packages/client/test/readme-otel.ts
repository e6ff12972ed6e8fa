import { createClient, givenSnapshot } from '@fairtrial/client'
import { instrumentClient } from '@fairtrial/client/otel'
import { snapshotOf, stateFor } from '@fairtrial/client/testing'
import { createRecorder, memorySink } from '@fairtrial/exposure'
import { tracedSink, traceParent } from '@fairtrial/exposure/otel'
import { autoplay } from './readme-experiment.ts'

const sink = tracedSink(memorySink(), { transport: 'memory' }) // a span for each delivery
const recorder = createRecorder({ sink, traceparent: traceParent() }) // the trace of a request, in its events
const source = givenSnapshot(snapshotOf([stateFor(autoplay)]))
const plain = createClient({ experiments: [autoplay], source, recorder, instanceId: 'web-1' })

// With @opentelemetry/api 1.10 the logger comes from the SDK; here it shows what it is given.
const logger = {
  emit: ({ eventName, attributes }: { eventName: string; attributes: object }) =>
    console.log(eventName, attributes),
}
const client = instrumentClient(plain, { transport: 'memory', logger })

client.expose(client.assign(autoplay, { unitType: 'viewer', unitId: 'ada' }))
await client.close()

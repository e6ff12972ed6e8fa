import { createClient, givenSnapshot } from '@fairtrial/client'
import { createObserver } from '@fairtrial/client/observe'
import { snapshotOf, stateFor } from '@fairtrial/client/testing'
import { createRecorder, memorySink } from '@fairtrial/exposure'
import { autoplay } from './readme-experiment.ts'

const sink = memorySink()
const recorder = createRecorder({ sink })
const source = givenSnapshot(snapshotOf([stateFor(autoplay)]))
const client = createClient({ experiments: [autoplay], source, recorder, instanceId: 'web-1' })
const observer = createObserver({ recorder }) // hands its sums to the recorder every 10 s
await client.ready()

async function handle(unitId: string, seconds: number) {
  const arm = client.assign(autoplay, { unitType: 'viewer', unitId })
  await observer.inScope(arm, async () => {
    await Promise.resolve() // whatever a request awaits, it stays in its arm
    observer.observe('latency', seconds)
    observer.observe('errors', seconds > 2 ? 1 : 0)
  })
}
await Promise.all([handle('ada', 0.2), handle('ben', 0.1), handle('ada', 2.5)])

observer.close() // before the client, so that the last sums go out
await client.close()
for (const event of sink.events()) {
  if (event.schema !== 'fairtrial.measurement/1') continue
  const sums = event.clusters.map(
    ({ cluster, n, mean }) => `${n} in cluster ${cluster}, mean ${mean.toFixed(2)}`,
  )
  console.log(`${event.variant}, ${event.name}: ${sums.join('; ')}`)
}

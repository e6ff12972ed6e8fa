import { createClient, givenSnapshot } from '@fairtrial/client'
import { snapshotOf, stateFor } from '@fairtrial/client/testing'
import { memorySink } from '@fairtrial/exposure'
import { autoplay } from './readme-experiment.ts'

const source = givenSnapshot(snapshotOf([stateFor(autoplay)])) // or httpSource({ url }), or fileSource({ path })
const sink = memorySink()
const client = createClient({ experiments: [autoplay], source, sink, instanceId: 'web-1' })
await client.ready()

for (const unitId of ['ada', 'ben', 'ada']) {
  const viewer = { unitType: 'viewer', unitId }
  const arm = client.assign(autoplay, viewer)
  console.log(`${unitId}: ${arm.reason}, ${arm.variant}, starts after ${arm.config.delaySeconds} s`)
  client.expose(arm) // here, where the arm takes effect
  client.track({ name: 'watched', ...viewer })
}

const aborted = stateFor(autoplay, { revision: 2, status: 'aborted', trafficPercent: 0 })
source.give(snapshotOf([aborted]))
const arm = client.assign(autoplay, { unitType: 'viewer', unitId: 'ada' })
console.log(`ada: ${arm.reason}, ${arm.variant}, starts after ${arm.config.delaySeconds} s`)

const { exposures, outcomes } = await client.close()
for (const { offered, delivered, deduplicated } of [exposures, outcomes]) {
  console.log({ offered, delivered, deduplicated })
}
console.log(sink.events().length, sink.events().at(-1)?.schema) // last, this instance's own account

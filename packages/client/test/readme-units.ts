import { createClient, givenSnapshot } from '@fairtrial/client'
import { createSticky, memoryStickyStore } from '@fairtrial/client/sticky'
import { snapshotOf, stateFor } from '@fairtrial/client/testing'
import { memorySink } from '@fairtrial/exposure'
import { pseudonymizer } from '@fairtrial/protocol/pseudonym'
import { autoplay } from './readme-experiment.ts'

const sink = memorySink()
const client = createClient({
  experiments: [autoplay],
  source: givenSnapshot(snapshotOf([stateFor(autoplay)])),
  sink,
  instanceId: 'web-1',
  unitIds: { policy: 'hmac', pseudonymOf: pseudonymizer('a secret of at least 16 bytes') },
  overrides: { autoplay: { 'qa@example.org': 'treatment' } },
})
const sticky = createSticky({ client, store: memoryStickyStore() }) // or redisStickyStore(redis), fileStickyStore(…)
const viewer = (unitId: string) => ({ unitType: 'viewer', unitId })

const anonymous = await sticky.assign(autoplay, viewer('cookie-20'))
const known = await sticky.assign(autoplay, viewer('ada@example.org'), { before: 'cookie-20' })
const forced = client.assign(autoplay, viewer('qa@example.org'))
const plain = client.preview(autoplay, viewer('ada@example.org'))
console.log(
  `before the login ${anonymous.variant}, after it ${known.variant}; by the hash it were ${plain.variant}`,
)

for (const arm of [known, forced]) client.expose(arm)
await client.close()
for (const event of sink.events()) {
  if (event.schema !== 'fairtrial.exposure/1') continue
  const { unitId, variant, reason, assignedAs = 'itself' } = event
  console.log(`${unitId} met ${variant}, ${reason}, computed from ${assignedAs}`)
}

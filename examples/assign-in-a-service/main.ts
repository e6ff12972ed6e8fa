// A service asks which arm a shopper is in, and always has something to serve.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient, givenSnapshot } from '@fairtrial/client'
import { memorySink } from '@fairtrial/exposure'
import { startRollout } from '@fairtrial/rollout'
import { checkoutButton } from './experiment.ts'

// In production, `httpSource({ url })` of @fairtrial/client/http asks the control plane, and `httpSink` delivers.
const now = Date.now()
const snapshot = {
  schema: 'fairtrial.snapshot/1',
  revision: 1,
  issuedAt: now,
  validUntil: now + 60_000,
  states: [startRollout(checkoutButton, { now })],
} as const
const client = createClient({
  experiments: [checkoutButton],
  source: givenSnapshot(snapshot),
  sink: memorySink(),
  instanceId: 'shop-1',
})
await client.ready()

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const arm = client.assign(checkoutButton, {
    unitType: 'shopper',
    unitId: searchParams.get('shopper') ?? '',
    attributes: { country: searchParams.get('country') ?? undefined },
  })
  client.expose(arm) // here, because this is where the label is shown
  response.end(`${arm.config.label.padEnd(8)}  ${arm.variant ?? 'not enrolled'} (${arm.reason})`)
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))

const { port } = server.address() as AddressInfo
for (const query of [
  'shopper=ada&country=DE',
  'shopper=ada&country=DE',
  'shopper=grace&country=FR',
  'shopper=björk&country=IS',
  'country=DE',
]) {
  const response = await fetch(`http://127.0.0.1:${port}/?${query}`)
  console.log(`${query.padEnd(24)} → ${await response.text()}`)
}

server.close()
const { exposures, notAssigned } = await client.close()
const { offered, delivered, deduplicated } = exposures
console.log(
  `${offered} exposures offered: ${delivered} delivered, ${deduplicated} deduplicated; ${notAssigned} not enrolled`,
)

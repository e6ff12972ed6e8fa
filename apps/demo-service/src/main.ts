import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createClient } from '@fairtrial/client'
import { httpReporter, httpSource } from '@fairtrial/client/http'
import type { Sink } from '@fairtrial/exposure'
import { httpSink } from '@fairtrial/exposure/http'
import { kafkajsLibrary, kafkaSink } from '@fairtrial/exposure/kafka'
import { homeRowRanking } from './experiment.ts'
import { createHomeRow } from './home-row.ts'
import { isScenarioName, scenarios } from './scenarios.ts'

// One instance of a streaming service with a ranking model on trial.
const { values } = parseArgs({
  options: {
    control: { type: 'string', default: 'http://127.0.0.1:4600' },
    scenario: { type: 'string', default: 'healthy' },
    seed: { type: 'string', default: '1' },
    instance: { type: 'string', default: 'a' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    /** Where events go; default the control plane. */
    kafka: { type: 'string' },
  },
})
if (!isScenarioName(values.scenario)) {
  process.stderr.write(`--scenario is one of ${Object.keys(scenarios).join(', ')}.\n`)
  process.exit(2)
}
const instanceId = `${values.instance}-${process.pid}`
const { FAIRTRIAL_TOKEN: token } = process.env
const plane = {
  url: values.control,
  ...(token && { headers: { authorization: `Bearer ${token}` } }),
}

const client = createClient({
  experiments: [homeRowRanking],
  source: httpSource({ ...plane, pollMs: 200 }),
  sink: sink(values.kafka),
  reportServed: httpReporter(plane),
  reportEveryMs: 500,
  instanceId,
  onError: ({ message }) => void process.stderr.write(`${instanceId}: ${message}\n`),
})
const homeRow = createHomeRow({
  client,
  trial: homeRowRanking,
  scenario: scenarios[values.scenario],
  seed: Number(values.seed),
  wait: sleep,
})

function sink(brokers: string | undefined): Sink {
  if (brokers === undefined) return httpSink(plane)
  return kafkaSink({ library: kafkajsLibrary({ brokers: brokers.split(','), clientId: instanceId }) })
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const viewer = searchParams.get('viewer') ?? ''
  if (pathname === '/watch') return send(response, 200, await homeRow.watch(viewer))
  if (pathname === '/finished') {
    homeRow.finish(viewer)
    return send(response, 200, {})
  }
  if (pathname === '/status') return send(response, 200, client.status())
  send(response, 404, { error: 'GET /watch?viewer=ID, /finished?viewer=ID or /status' })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

const server = createServer((request, response) => {
  answer(request, response).catch(() => send(response, 500, { error: 'the row could not be ranked' }))
})
await client.ready()
server.listen(Number(values.port), values.host, () => {
  say({ listening: `http://${values.host}:${(server.address() as AddressInfo).port}`, instanceId })
})

/** Requests under way are answered, then every event is delivered or counted as lost, then the process ends. */
async function end(): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeIdleConnections()
  })
  const account = await client.close(5000)
  say({ instanceId, account, counters: client.status().counters })
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end())

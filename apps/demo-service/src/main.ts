import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createClient } from '@fairtrial/client'
import { httpReporter, httpSource } from '@fairtrial/client/http'
import { httpSink } from '@fairtrial/exposure/http'
import { drawsOf } from './draws.ts'
import { homeRowRanking } from './experiment.ts'
import { createRanking } from './ranking.ts'
import { scenarios, type ScenarioName } from './scenarios.ts'

// One instance of a streaming service with a ranking model on trial.
const { values } = parseArgs({
  options: {
    control: { type: 'string' },
    scenario: { type: 'string', default: 'healthy' },
    seed: { type: 'string', default: '1' },
    instance: { type: 'string', default: 'a' },
    port: { type: 'string', default: '0' },
  },
})
const control = values.control ?? 'http://127.0.0.1:4600'
const seed = Number(values.seed)
const scenario = scenarios[values.scenario as ScenarioName]
const instanceId = `${values.instance}-${process.pid}`

const client = createClient({
  experiments: [homeRowRanking],
  source: httpSource({ url: control, pollMs: 200 }),
  sink: httpSink({ url: control }),
  reportServed: httpReporter({ url: control }),
  reportEveryMs: 500,
  instanceId,
})
const rank = createRanking(scenario.behaviours)

/** The home row is ranked by the arm's model, shown, and playback starts, unless it took too long. */
async function watch(viewer: string): Promise<object> {
  const draw = drawsOf(seed, viewer)
  const unit = { unitType: 'viewer', unitId: viewer }
  const arm = client.assign(homeRowRanking, unit)
  const { model } = arm.config
  const forgotten = model === 'session' && draw() < scenario.forgottenExposures
  if (!forgotten) client.expose(arm)

  const askedAt = performance.now()
  const { latencyMs, items } = rank(model, draw)
  await sleep(latencyMs)
  client.track({ ...unit, name: 'ranking_latency', value: performance.now() - askedAt })

  const started = draw() < startRate(latencyMs)
  if (started) client.track({ ...unit, name: 'started' })
  return { items, started, finishes: started && draw() < scenario.behaviours[model].finishRate }
}

/** Viewers who wait go away: beyond 60 ms, each further 100 ms loses 12 % of them. */
function startRate(latencyMs: number): number {
  return Math.max(0, 0.96 - Math.max(0, latencyMs - 60) * 0.0012)
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const viewer = searchParams.get('viewer') ?? ''
  if (pathname === '/watch') return send(response, 200, await watch(viewer))
  if (pathname === '/finished') {
    client.track({ unitType: 'viewer', unitId: viewer, name: 'finished' })
    return send(response, 200, {})
  }
  send(response, 404, { error: 'GET /watch?viewer=ID or /finished?viewer=ID' })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

const server = createServer((request, response) => {
  answer(request, response).catch(() => send(response, 500, { error: 'the row could not be ranked' }))
})
await client.ready()
server.listen(Number(values.port), '127.0.0.1', () => {
  say({ listening: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})

// Requests under way are answered, then every event is delivered or counted as lost, then the process ends.
process.once('SIGTERM', () => {
  server.close(async () => {
    const account = await client.close(5000)
    say({ instanceId, account, counters: client.status().counters })
  })
  server.closeIdleConnections()
})

// Exposures over HTTP into the control plane's log, against the same server's GET /healthz, and against a server that
// only parses the same lines; and into PostgreSQL, where replicas have their log, against files.
import { Agent, request } from 'node:http'
import { connectPostgres, findPostgres } from '@fairtrial/databases'
import { exposureId } from '@fairtrial/protocol'
import { homeRow } from './home-row.ts'
import { race } from './race.ts'
import { type Row, row } from './row.ts'
import { spawnBareServer, spawnPlane } from './spawned-server.ts'

const BATCHES = 20
const EVENTS_A_BATCH = 500
const REQUESTS = 500
/** Connections that send at once. */
const SENDERS = 4

const experiment = homeRow()
const JOB = `an event taken in, ${EVENTS_A_BATCH} a request`

export async function run(): Promise<Row[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS })
  try {
    return [...(await intoFiles(agent)), ...(await intoPostgres(agent))]
  } finally {
    agent.destroy()
  }
}

async function intoFiles(agent: Agent): Promise<Row[]> {
  const plane = await spawnPlane([experiment])
  const bare = await spawnBareServer()
  let bodies: readonly string[] = []
  const prepare = () => {
    bodies = Array.from({ length: BATCHES }, nextBatch)
  }
  const send = (url: string) => atOnce(bodies, (body) => ask(agent, url, body))
  try {
    const timings = await race(
      {
        'GET /healthz': {
          size: REQUESTS,
          run: () => atOnce(Array.from({ length: REQUESTS }), () => ask(agent, `${plane.url}/healthz`)),
        },
        'node:http, lines parsed and dropped': {
          size: BATCHES * EVENTS_A_BATCH,
          prepare,
          run: () => send(`${bare.url}/lines`),
        },
        'POST /v1/exposures': {
          size: BATCHES * EVENTS_A_BATCH,
          prepare,
          run: () => send(`${plane.url}/v1/exposures`),
        },
      },
      { rounds: 9 },
    )
    const floor = 'node:http, lines parsed and dropped'
    return [
      row(JOB, timings, 'GET /healthz'),
      row(JOB, timings, floor),
      row(JOB, timings, 'POST /v1/exposures', { against: 'GET /healthz', target: { atMost: 0.2 } }),
      row(JOB, timings, 'POST /v1/exposures', { against: floor, target: { atMost: 10 } }),
    ]
  } finally {
    await Promise.all([plane.stop(), bare.stop()])
  }
}

/** Neither waits for the disk: the files are synced once a second, the PostgreSQL that is started here never. */
async function intoPostgres(agent: Agent): Promise<Row[]> {
  if (process.env['DATABASE_URL'] === undefined && 'missing' in findPostgres()) {
    console.error('there is no PostgreSQL: its row is left out')
    return []
  }
  const postgres = await connectPostgres()
  try {
    const planes = [
      await spawnPlane([experiment]),
      await spawnPlane([experiment], ['--postgres', await postgres.createDatabase()]),
    ] as const
    try {
      let bodies: readonly string[] = []
      const subject = ({ url }: (typeof planes)[number]) => ({
        size: BATCHES * EVENTS_A_BATCH,
        prepare: () => {
          bodies = Array.from({ length: BATCHES }, nextBatch)
        },
        run: () => atOnce(bodies, (body) => ask(agent, `${url}/v1/exposures`, body)),
      })
      const timings = await race(
        { 'into files': subject(planes[0]), 'into PostgreSQL': subject(planes[1]) },
        { rounds: 9 },
      )
      return [
        row(JOB, timings, 'into files'),
        row(JOB, timings, 'into PostgreSQL', { against: 'into files' }),
      ]
    } finally {
      await Promise.all(planes.map((plane) => plane.stop()))
    }
  } finally {
    await postgres.stop()
  }
}

let sequence = 0

/** Never the same event twice: one that is known already costs less. */
function nextBatch(): string {
  const lines = Array.from({ length: EVENTS_A_BATCH }, () => {
    sequence += 1
    const unitId = `viewer-${sequence}`
    const variant = sequence % 2 === 0 ? 'control' : 'model'
    return JSON.stringify({
      schema: 'fairtrial.exposure/1',
      exposureId: exposureId(experiment.key, 1, variant, unitId),
      experiment: experiment.key,
      fingerprint: experiment.fingerprint,
      phase: 1,
      revision: 1,
      unitType: 'viewer',
      unitId,
      variant,
      bucket: (sequence * 7919) % 1_000_000,
      seed: 2_845_108_203,
      propensity: 0.5,
      reason: 'assigned',
      exposedAt: 1_780_000_000_000 + sequence,
      producerId: 'service-1',
      sequence,
      sdk: 'fairtrial/0.0.0',
    })
  })
  return `${lines.join('\n')}\n`
}

/** So many senders, each with the next when it has its answer. */
async function atOnce<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]()
  await Promise.all(
    Array.from({ length: SENDERS }, async () => {
      for (let next = left.next(); next.done !== true; next = left.next()) await each(next.value)
    }),
  )
}

function ask(agent: Agent, url: string, body?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-ndjson' }
    const asked = request(
      url,
      { agent, ...(body !== undefined && { method: 'POST', headers }) },
      (response) => {
        response.resume().once('end', () => {
          if (response.statusCode === 200) resolve()
          else reject(new Error(`${url} answered ${response.statusCode}`))
        })
      },
    )
    asked.once('error', reject).end(body)
  })
}

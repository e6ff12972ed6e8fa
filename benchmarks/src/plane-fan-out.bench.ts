// From an order to the last of 1,000 readers of GET /v1/state/stream that has the new state, against the same bytes
// written to as many connections by a server that does nothing else.
import { Agent, type IncomingMessage, request } from 'node:http'
import { homeRow } from './home-row.ts'
import { race } from './race.ts'
import { type Row, row } from './row.ts'
import { spawnBareServer, spawnPlane } from './spawned-server.ts'

const READERS = 1_000

const experiment = homeRow()

export async function run(): Promise<Row[]> {
  const plane = await spawnPlane([experiment])
  const bare = await spawnBareServer()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const audience = await openReaders(`${plane.url}/v1/state/stream`)
  const others = await openReaders(`${bare.url}/stream`)
  try {
    let isHeld = false
    let told = ''
    const order = async () => {
      isHeld = !isHeld
      const heard = audience.hear('event: snapshot')
      const action = isHeld ? 'hold' : 'resume'
      const url = `${plane.url}/v1/experiments/${experiment.key}/${action}`
      await post(agent, url, JSON.stringify({ by: 'benchmark', reason: 'to be told' }))
      told = await heard
    }
    await order()
    const timings = await race(
      {
        'node:http, the same bytes': {
          size: READERS,
          run: async () => {
            const heard = others.hear('event: snapshot')
            await post(agent, `${bare.url}/tell`, told)
            await heard
          },
        },
        'GET /v1/state/stream': { size: READERS, run: order },
      },
      { rounds: 9 },
    )
    const job = `a reader of ${READERS.toLocaleString('en-US')}, from an order to the last`
    const against = 'node:http, the same bytes'
    return [
      row(job, timings, against),
      row(job, timings, 'GET /v1/state/stream', { against, target: { atMost: 3 } }),
    ]
  } finally {
    audience.close()
    others.close()
    agent.destroy()
    await Promise.all([plane.stop(), bare.stop()])
  }
}

/** Connections that listen. */
interface Audience {
  /** Resolves, with what one of them heard, when all have heard an event with this in it. */
  hear(text: string): Promise<string>
  close(): void
}

async function openReaders(url: string): Promise<Audience> {
  const agent = new Agent({ maxSockets: Infinity })
  let listen: (reader: number, chunk: string) => void = () => undefined
  const readers = await Promise.all(
    Array.from({ length: READERS }, async (_, reader) => {
      const response = await opened(agent, url, `reader-${reader}`)
      response.setEncoding('utf8').on('data', (chunk: string) => listen(reader, chunk))
      response.on('error', () => undefined)
      return response
    }),
  )
  return {
    hear: (text) =>
      new Promise((resolve) => {
        const heard = readers.map(() => '')
        let left = READERS
        listen = (reader, chunk) => {
          const before = heard[reader]!
          heard[reader] += chunk
          if (isWhole(before, text) || !isWhole(heard[reader]!, text)) return
          left -= 1
          if (left === 0) resolve(heard[reader]!)
        }
      }),
    close() {
      for (const response of readers) response.destroy()
      agent.destroy()
    },
  }
}

/** An event ends with an empty line. */
const isWhole = (heard: string, text: string): boolean => heard.includes(text) && heard.endsWith('\n\n')

function opened(agent: Agent, url: string, instance: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, headers: { 'fairtrial-instance': instance } }, (response) => {
      // What it says at once is not what is waited for.
      response.once('data', () => resolve(response))
    })
    asked.once('error', reject).end()
  })
}

function post(agent: Agent, url: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const asked = request(url, { agent, method: 'POST', headers }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`${url} answered ${response.statusCode}`))
      })
    })
    asked.once('error', reject).end(body)
  })
}

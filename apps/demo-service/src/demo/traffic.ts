import { Agent, request } from 'node:http'
import { drawsOf } from '../draws.ts'

/** What the viewers met, counted by those who sent them. */
export interface TrafficCount {
  readonly viewers: number
  readonly requests: number
  readonly failures: number
}

/** Seeded viewers, each a few real requests: watch a title, perhaps finish it, perhaps come back. */
export interface Traffic {
  stop(): Promise<TrafficCount>
  count(): TrafficCount
}

/** Share of visits that are a viewer coming back. */
const RETURNING = 0.15

export function startTraffic(options: {
  readonly services: readonly string[]
  readonly seed: number
  readonly concurrency: number
}): Traffic {
  const { services, seed, concurrency } = options
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const draw = drawsOf(seed, 'arrivals')
  let viewers = 0
  let requests = 0
  let failures = 0
  let running = true

  async function get(url: string): Promise<Record<string, unknown>> {
    requests += 1
    try {
      return await getJson(agent, url)
    } catch {
      failures += 1
      return {}
    }
  }

  async function visit(): Promise<void> {
    const returning = viewers > 0 && draw() < RETURNING
    const viewer = `viewer-${returning ? Math.floor(draw() * viewers) + 1 : (viewers += 1)}`
    const service = services[Math.floor(draw() * services.length)]
    const { started, finishes } = await get(`${service}/watch?viewer=${viewer}`)
    if (started === true && finishes === true) await get(`${service}/finished?viewer=${viewer}`)
  }

  const workers = Array.from({ length: concurrency }, async () => {
    while (running) await visit()
  })
  const count = () => ({ viewers, requests, failures })
  return {
    count,
    async stop() {
      running = false
      await Promise.all(workers)
      agent.destroy()
      return count()
    },
  }
}

function getJson(agent: Agent, url: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, timeout: 5000 }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}`))
        resolve(JSON.parse(body) as Record<string, unknown>)
      })
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${url} did not answer in 5 s`)))
    outgoing.on('error', reject)
    outgoing.end()
  })
}

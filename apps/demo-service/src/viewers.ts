import { parseArgs } from 'node:util'
import { startTraffic } from './demo/traffic.ts'

// Viewers of a service, until this process is ended.
const { values } = parseArgs({
  options: {
    service: { type: 'string', multiple: true, default: ['http://127.0.0.1:4700'] },
    seed: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '8' },
  },
})
const { service: services, seed, concurrency } = values
const traffic = startTraffic({ services, seed: Number(seed), concurrency: Number(concurrency) })

async function end(): Promise<void> {
  process.stdout.write(`${JSON.stringify(await traffic.stop())}\n`)
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end())

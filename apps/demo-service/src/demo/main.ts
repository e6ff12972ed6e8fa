import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { homeRowRanking } from '../experiment.ts'
import { type ScenarioName, scenarios } from '../scenarios.ts'
import { startProcess } from './process.ts'
import { accountText, closingText } from './report.ts'
import { createTimeline } from './timeline.ts'
import { startTraffic } from './traffic.ts'
import type { View } from './view.ts'

// The main job, start to end: real processes, real requests, a model on trial, and what became of it.
const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'harmful' },
    seed: { type: 'string', default: '7' },
  },
})
if (!Object.hasOwn(scenarios, values.scenario)) {
  console.error(`--scenario ${values.scenario} is not one of ${Object.keys(scenarios).join(', ')}`)
  process.exit(2)
}
const scenario = values.scenario as ScenarioName

/** The demo gives up here, with a failure: whatever it shows, it shows in under a minute. */
const LIMIT_MS = 55_000
/** A rollout that has been held for so long is not going anywhere. */
const HELD_MS = 6_000

const startedAt = performance.now()
const elapsedMs = () => performance.now() - startedAt
const local = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const directory = await mkdtemp(join(tmpdir(), 'fairtrial-demo-'))
const definition = join(directory, 'home-row-ranking.json')
const { fingerprint: _, ...plan } = homeRowRanking
await writeFile(definition, JSON.stringify(plan, null, 2))

const timeline = createTimeline({ experiment: homeRowRanking, out: process.stdout, elapsedMs })
console.log(`scenario ${scenario}, seed ${values.seed}`)

const controlPlane = await startProcess(local('../../../control-plane/src/main.ts'), [
  '--definition',
  definition,
  '--data',
  directory,
  '--port',
  '0',
  '--tick-ms',
  '250',
  '--lease-ms',
  '3000',
])
const service = (instance: string) =>
  startProcess(local('../main.ts'), [
    '--control',
    controlPlane.url,
    '--scenario',
    scenario,
    '--seed',
    values.seed,
    '--instance',
    instance,
  ])
const services = await Promise.all([service('a'), service('b')])
timeline.line(
  `control plane at ${controlPlane.url}, two instances of the service at ${services.map(({ url }) => url).join(' and ')}`,
)

const traffic = startTraffic({
  services: services.map(({ url }) => url),
  seed: Number(values.seed),
  concurrency: 48,
})
let view = await look()
let heldSince: number | null = null
while (!isOver(view)) {
  if (elapsedMs() > LIMIT_MS) throw new Error(`the rollout was not decided within ${LIMIT_MS / 1000} s`)
  await sleep(250)
  view = await look()
  timeline.show(view, traffic.count())
}
timeline.end()

const count = await traffic.stop()
const accounts = await Promise.all(services.map((one) => one.stop()))
view = await settled()
await controlPlane.stop()
await rm(directory, { recursive: true })

console.log(closingText(homeRowRanking, view))
console.log(accountText(count, accounts, view))
console.log(`done in ${(elapsedMs() / 1000).toFixed(1)} s`)

async function look(): Promise<View> {
  const response = await fetch(`${controlPlane.url}/v1/experiments/${homeRowRanking.key}`)
  if (!response.ok) throw new Error(`the control plane answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as View
}

/** Shipped or stopped; aborted and proved; or held for good. */
function isOver({ state, proof }: View): boolean {
  if (state.status === 'holding') heldSince ??= elapsedMs()
  else heldSince = null
  if (state.status === 'aborted') return proof?.proved === true
  if (state.status === 'shipped' || state.status === 'stopped') return true
  return heldSince !== null && elapsedMs() - heldSince > HELD_MS
}

/** The view once the loop has read what the services delivered last. */
async function settled(): Promise<View> {
  await sleep(600)
  return look()
}

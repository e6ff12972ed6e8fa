import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readSegments } from '@fairtrial/exposure/segments'
import { homeRowRanking } from '../experiment.ts'
import { type ScenarioName, scenarios } from '../scenarios.ts'
import { accountEvents } from './events-account.ts'
import type { Processes } from './processes.ts'
import { reportText } from './report.ts'
import { createTimeline, type Output } from './timeline.ts'
import { startTraffic } from './traffic.ts'
import { outcomeOf, type View } from './view.ts'

/** A rollout that is not decided by then is a failure: whatever the demo shows, it shows in under a minute. */
const LIMIT_MS = 48_000

/** A rollout that the audit has held for so long is not going anywhere. */
const HELD_MS = 4_000

const LEASE_MS = 3_000

/**
 * The main job, start to end: real processes, real requests, a model on trial, and what became of it.
 *
 * @returns what is not as it should be; null when all is
 */
export async function runDemo(options: {
  readonly scenario: ScenarioName
  readonly seed: number
  /** Whether the control plane runs on when all is told, until `signal`. */
  readonly keep: boolean
  readonly processes: Processes
  readonly out: Output
  /** Aborted to end early. */
  readonly signal: AbortSignal
}): Promise<string | null> {
  const directory = await mkdtemp(join(tmpdir(), 'fairtrial-demo-'))
  try {
    return await Promise.race([show(options, directory), options.processes.died, aborted(options.signal)])
  } finally {
    await options.processes.kill()
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

type Options = Parameters<typeof runDemo>[0]

async function show({ scenario, seed, keep, processes, out, signal }: Options, directory: string) {
  const startedAt = performance.now()
  const elapsedMs = () => performance.now() - startedAt
  const timeline = createTimeline({ experiment: homeRowRanking, out, elapsedMs })
  out.write(`scenario ${scenario}, seed ${seed}\n`)

  const definition = join(directory, 'home-row-ranking.json')
  const { fingerprint: _, ...plan } = homeRowRanking
  await writeFile(definition, JSON.stringify(plan, null, 2))
  const data = join(directory, 'data')
  const controlPlane = await processes.start(
    'the control plane',
    local('../../../control-plane/src/main.ts'),
    flags({ definition, data, port: 0, 'tick-ms': 250, 'lease-ms': LEASE_MS }),
  )
  const services = await Promise.all(
    ['a', 'b'].map((instance) =>
      processes.start(
        `instance ${instance} of the service`,
        local('../main.ts'),
        flags({ control: controlPlane.url, instance, scenario, seed }),
      ),
    ),
  )
  const urls = services.map(({ url }) => url)
  timeline.line(
    `control plane at ${controlPlane.url}, for a browser the console; two instances of the service at ${urls.join(' and ')}`,
  )

  const traffic = startTraffic({ services: urls, seed, concurrency: 48 })
  const look = async (): Promise<View> => {
    const response = await fetch(`${controlPlane.url}/v1/experiments/${homeRowRanking.key}`)
    if (!response.ok)
      throw new Error(`the control plane answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as View
  }
  let view: View
  try {
    view = await look()
    while (!isOver(view) && elapsedMs() < LIMIT_MS) {
      timeline.show(view, traffic.count())
      await sleep(250, undefined, { signal })
      view = await look()
    }
    timeline.show(view, traffic.count())
  } finally {
    timeline.end()
    // Also where nobody is left to answer: viewers would ask on.
    await traffic.stop()
  }
  const isDecided = isOver(view)
  const count = traffic.count()
  const accounts = await Promise.all(services.map((service) => service.stop()))
  const { events } = await readSegments(join(data, 'log'))
  const exposures = events.filter(({ schema }) => schema === 'fairtrial.exposure/1').length
  // The loop reads on: what is told at the end is told of all that was delivered.
  for (let looks = 0; looks < 20 && (view.audit?.counts.exposures ?? 0) < exposures; looks++) {
    await sleep(100, undefined, { signal })
    view = await look()
  }
  if (!keep) await controlPlane.stop()

  const account = accountEvents(count, accounts, { exposures, outcomes: events.length - exposures })
  out.write(`${reportText(homeRowRanking, view)}\n${account.text}\n`)
  out.write(`done in ${(elapsedMs() / 1000).toFixed(1)} s\n`)

  const outcome = outcomeOf(view.state)
  const { endsIn } = scenarios[scenario]
  if (!isDecided) return `the rollout was not decided within ${LIMIT_MS / 1000} s: ${view.state.cause}`
  if (outcome !== endsIn) return `this scenario should end in ${endsIn}, and ended in ${outcome}`
  if (!account.isBalanced) return 'what was delivered and what is in the log differ'
  if (keep) {
    out.write(`the console stays at ${controlPlane.url} until Ctrl-C\n`)
    await aborted(signal)
  }
  return null
}

/** Shipped or stopped; aborted and proved; or held by an audit that does not mend. */
function isOver({ state, decision, proof }: View): boolean {
  if (state.status === 'aborted') return proof?.proved === true
  if (state.status === 'shipped' || state.status === 'stopped') return true
  if (state.holdingSince === null || decision?.rule !== 'audit-broken') return false
  return decision.decidedAt - state.holdingSince >= HELD_MS
}

function flags(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)])
}

function local(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true })
  })
}

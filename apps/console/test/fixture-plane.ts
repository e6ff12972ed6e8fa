import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { attribute, decisionContext } from '@fairtrial/rollout'
import type { DecisionLog, RolloutList, RolloutView, TrailEntry } from '@fairtrial/rollout'
import { cardOf } from '../../control-plane/src/rollout-card.ts'
import { chain } from '../../control-plane/src/trail/chain.ts'
import { factOf } from '../../control-plane/src/trail/fact-of.ts'
import { homeRowRanking } from '../../demo-service/src/experiment.ts'
import { type Simulated, simulateRollout } from './simulated-rollout.ts'

const DIST = fileURLToPath(new URL('../dist', import.meta.url))
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The policy that the control plane serves the console under. */
const POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"

/** A server with the console's static files and rollouts that stand still, each in another state. */
export interface FixturePlane {
  readonly url: string
  close(): Promise<void>
}

/** What `simulateAll` makes. */
export const FIXTURE_KEYS = [
  'home-row-ranking',
  'home-row-warm-cache',
  'continue-watching.v2',
  'search-ranking',
  'resume-point',
  'trailer-autoplay',
  'kids-row',
  'up-next',
]

/** Rollouts of every kind that a page must be able to show. */
export function simulateAll(now: number): Promise<Simulated[]> {
  const stages = [
    { trafficPercent: 10, holdFor: '3s', minimumUnits: 100, approvals: 2 },
    { trafficPercent: 50, holdFor: '5s', minimumUnits: 1000, approvals: 2 },
    { trafficPercent: 100, holdFor: '5s', minimumUnits: 2000 },
  ]
  return Promise.all([
    simulateRollout({ key: 'home-row-ranking', scenario: 'harmful', seconds: 18, endsAt: now - 40_000 }),
    simulateRollout({
      key: 'home-row-warm-cache',
      scenario: 'healthy',
      seconds: 11,
      endsAt: now,
      seed: 3,
      changes: {
        ramp: { stages },
        description: 'The same model behind a warmed cache.',
        costs: { currency: 'EUR', badLaunch: 90_000, missedGainPerDay: 1_200, abort: 500 },
      },
    }),
    simulateRollout({ key: 'continue-watching.v2', scenario: 'broken-logging', seconds: 24, endsAt: now }),
    simulateRollout({
      key: 'search-ranking',
      scenario: 'healthy',
      seconds: 26,
      endsAt: now - 3_600_000,
      changes: {
        analysis: {
          method: 'group-sequential',
          maximumUnits: 6000,
          tuneAt: 4000,
          looks: 4,
          maximumLateness: '500ms',
          expectedUnitsPerDay: 40_000,
          sampleRatio: { concentration: 1000 },
        },
      },
    }),
    simulateRollout({
      key: 'resume-point',
      scenario: 'healthy',
      seconds: 26,
      endsAt: now,
      seed: 5,
      changes: {
        ramp: { stages: stages.slice(2), bake: { for: '40s', holdbackPercent: 20 } },
        description: 'What has shipped is watched on, against a holdback.',
      },
    }),
    simulateRollout({
      key: 'trailer-autoplay',
      scenario: 'harmful',
      seconds: 22,
      endsAt: now,
      changes: {
        ramp: {
          stages: [
            { trafficPercent: 30, holdFor: '3s', minimumUnits: 500 },
            { trafficPercent: 65, holdFor: '1m', minimumUnits: 20_000 },
          ],
        },
        guardrails: guardrails({ ranking_latency: { shadow: true } }),
        description: 'Latency is watched in shadow, until its margin has proved itself.',
      },
    }),
    simulateRollout({
      key: 'kids-row',
      scenario: 'healthy',
      seconds: 16,
      endsAt: now,
      changes: {
        inputs: { platform: { type: 'text', reference: { tv: 0.6, phone: 0.3, web: 0.1 } } },
        description: 'Half the televisions have begun to tell no platform.',
      },
      platformOf: (second, draw) =>
        draw < 0.6 ? (second > 6 && draw < 0.4 ? 'unknown' : 'tv') : draw < 0.9 ? 'phone' : 'web',
    }),
    simulateRollout({
      key: 'up-next',
      scenario: 'broken-logging',
      seconds: 30,
      endsAt: now,
      changes: {
        guardrails: guardrails({
          started: { evidence: { ...EVIDENCE, maximumHold: '8s', extension: '1m' } },
          ranking_latency: { evidence: { ...EVIDENCE, maximumHold: '8s', extension: '1m' } },
        }),
        description: 'Held for longer than the plan allows, and extended once.',
      },
    }),
  ])
}

const EVIDENCE = { minimumUnits: 100, maximumDataAge: '15s', maximumLoss: 0.02, maximumHold: '2m' }

/** The demo's guardrails, with changes by metric. */
function guardrails(changes: Readonly<Record<string, object>>): object[] {
  return homeRowRanking.guardrails.map((guardrail) => ({ ...guardrail, ...changes[guardrail.metric] }))
}

/** @param asksForToken it refuses whoever does not bring the token `open` */
export async function startFixturePlane(
  simulated: readonly Simulated[],
  me: { readonly name: string | null; readonly role: string },
  asksForToken = false,
  port: number | string = 0,
): Promise<FixturePlane> {
  const streams = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fixture')
    const json = (body: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (!pathname.startsWith('/v1/')) return void serveFile(pathname, response)
    if (asksForToken && request.headers.authorization !== 'Bearer open') {
      return json({ code: 'unauthenticated', detail: 'No token.', remedy: 'Send one.' }, 401)
    }
    if (pathname === '/v1/stream') {
      streams.add(response)
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: beat\ndata: {}\n\n')
      return
    }
    if (pathname === '/v1/me') return json(me)
    if (pathname === '/v1/experiments') return json(listOf(simulated.map(({ view }) => view)))
    if (pathname === '/v1/trail') return json(trailOf(simulated))
    if (pathname === '/v1/attribution') {
      const serving = simulated.flatMap(({ view: { experiment, state, evaluation } }) =>
        state === null ? [] : [{ experiment, state, evaluation }],
      )
      return json(attribute(searchParams.get('metric') ?? '', serving, Date.now()))
    }
    const [, key, part] = /^\/v1\/experiments\/([^/]+)(?:\/(.*))?$/.exec(pathname) ?? []
    const found = simulated.find(({ view }) => view.experiment.key === key)
    if (found === undefined)
      return json({ code: 'not-found', detail: `There is no ${key} here.`, remedy: 'Check the key.' }, 404)
    if (part === undefined) return json(found.view)
    if (part === 'history') return json(found.history)
    if (part === 'decisions') return json(logOf(found.view))
    return json({ code: 'refused', detail: 'This plane stands still.', remedy: 'Start a real one.' }, 409)
  })
  await new Promise<void>((resolve) => server.listen(Number(port), '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        for (const stream of streams) stream.destroy()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  const file = path.startsWith('/assets/') ? normalize(path) : '/index.html'
  const body = await readFile(join(DIST, file)).catch(() => null)
  if (body === null) return void response.writeHead(404).end()
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': POLICY,
  })
  response.end(body)
}

function listOf(views: readonly RolloutView[]): RolloutList {
  return {
    schema: 'fairtrial.rollouts/1',
    rollouts: views.map(cardOf),
  }
}

function logOf({ experiment, transitions }: RolloutView): DecisionLog {
  const entries = transitions.map(({ at, by, to, decision, reason }, i) => ({
    sequence: i + 1,
    role: 'controller' as const,
    kind: 'transition' as const,
    text: reason,
    dissent: [],
    at,
    by,
    ...decisionContext(to, decision),
  }))
  return {
    schema: 'fairtrial.decisions/1',
    experiment: experiment.key,
    entries: entries.toReversed(),
    next: null,
  }
}

function trailOf(simulated: readonly Simulated[]): { entries: TrailEntry[]; last: TrailEntry | null } {
  const entries: TrailEntry[] = []
  for (const event of simulated.flatMap(({ view }) => view.transitions).toSorted((a, b) => a.at - b.at)) {
    const notice = {
      kind: 'transition',
      experiment: event.experiment,
      role: 'controller',
      transition: event,
    } as const
    const fact = factOf({ ...notice, at: event.at })
    if (fact !== null) entries.push(chain(entries.at(-1) ?? null, fact))
  }
  return { entries, last: entries.at(-1) ?? null }
}

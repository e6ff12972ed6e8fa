import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ClientStatus } from '@fairtrial/client'
import { afterEach, expect, it } from 'vitest'
import { createProcesses, type Processes, type Started } from '../src/demo/processes.ts'
import type { View } from '../src/demo/view.ts'
import { homeRowRanking } from '../src/experiment.ts'
import type { Watched } from '../src/home-row.ts'
import { SOURCE_FLAGS } from './source-flags.ts'

const CONTROL_PLANE = fileURLToPath(new URL('../../control-plane/src/main.ts', import.meta.url))
const SERVICE = fileURLToPath(new URL('../src/main.ts', import.meta.url))

let processes: Processes
let directory: string
afterEach(async () => {
  await processes.kill()
  await rm(directory, { recursive: true, force: true })
})

/** Each on a connection of its own: one that is kept may be closed by whoever was frozen for too long. */
async function json<T>(address: string, body?: object): Promise<T> {
  const outgoing = request(address, {
    agent: false,
    ...(body && { method: 'POST', headers: { 'content-type': 'application/json' } }),
  })
  outgoing.end(body && JSON.stringify(body))
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  expect(response.statusCode).toBe(200)
  return JSON.parse(text) as T
}

const watch = ({ url }: Started, viewer: string) => json<Watched>(`${url}/watch?viewer=${viewer}`)
const exposuresOf = async ({ url }: Started) => (await json<ClientStatus>(`${url}/status`)).account.exposures

it('a frozen instance that sees only returning viewers leaves a rollback unproved until its lease ends', async () => {
  processes = createProcesses(SOURCE_FLAGS)
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-frozen-'))
  const definition = join(directory, 'definition.json')
  const { fingerprint: _, ...plan } = homeRowRanking
  await writeFile(definition, JSON.stringify(plan))
  const options = { definition, data: join(directory, 'data'), port: 0, 'lease-ms': 8000, 'tick-ms': 100 }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const control = await processes.start('the control plane', CONTROL_PLANE, args)
  const service = (name: string) =>
    processes.start(name, SERVICE, ['--control', control.url, '--instance', name])
  const [awake, frozen] = await Promise.all([service('awake'), service('frozen')])
  const look = () => json<View>(`${control.url}/v1/experiments/${homeRowRanking.key}`)
  const patient = { timeout: 30_000, interval: 50 }

  // Everybody has been there once; from now on the instance sees them again, and exposes nobody anew.
  const viewers = Array.from({ length: 60 }, (_, i) => `viewer-${i}`)
  const first = await Promise.all(viewers.map((viewer) => watch(frozen, viewer)))
  const treated = viewers.filter((_, i) => first[i]?.model === 'session')
  expect(treated.length).toBeGreaterThan(0)
  await expect.poll(async () => (await exposuresOf(frozen)).pending, patient).toBe(0)
  const before = await exposuresOf(frozen)
  await Promise.all(treated.map((viewer) => watch(frozen, viewer)))
  await watch(awake, 'somebody')
  const after = await exposuresOf(frozen)
  expect(after.deduplicated).toBe(before.deduplicated + treated.length)
  expect(after.delivered + after.pending).toBe(before.delivered)

  process.kill(frozen.pid, 'SIGSTOP')
  await json(`${control.url}/v1/experiments/${homeRowRanking.key}/abort`, {
    by: 'ada',
    reason: 'Complaints from support.',
  })
  await expect
    .poll(async () => (await look()).proof, patient)
    .toMatchObject({ proved: false, instances: { acknowledged: 1, lapsed: 0, waiting: 1 } })
  const waiting = (await look()).proof?.waitingFor.join() ?? ''
  expect(waiting).toContain(String(frozen.first['instanceId']))
  expect(waiting).toMatch(/its lease ends in/)

  // Asked while it is frozen: these are the first that it answers when it wakes.
  const asked = Promise.all(treated.map((viewer) => watch(frozen, viewer)))
  await expect
    .poll(async () => (await look()).proof, patient)
    .toMatchObject({ proved: true, instances: { acknowledged: 1, lapsed: 1, waiting: 0 } })
  process.kill(frozen.pid, 'SIGCONT')
  expect(new Set((await asked).map(({ model }) => model))).toEqual(new Set(['popularity']))
  // Awake again, it says the same by itself, and the first proof stands.
  const { proof } = await look()
  await expect
    .poll(async () => (await json<ClientStatus>(`${frozen.url}/status`)).experiments, patient)
    .toMatchObject({ [homeRowRanking.key]: { status: 'aborted' } })
  expect((await look()).proof).toMatchObject({ proved: true, provedAt: proof?.provedAt, violated: [] })
}, 120_000)

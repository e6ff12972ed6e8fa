import { createClient } from '@fairtrial/client'
import { sseSource } from '@fairtrial/client/http'
import { startProxy } from '@fairtrial/brokers'
import { postgresForTests } from '@fairtrial/databases'
import { memorySink } from '@fairtrial/exposure'
import { defineExperiment } from '@fairtrial/protocol'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ControlPlaneOptions } from '../src/control-plane.ts'
import type { PlaneNotice } from '../src/notice.ts'
import { batch, eventsOf, localPlane, NDJSON } from './local-plane.ts'
import { definition, experiment } from './trial.ts'

const database = await postgresForTests()
const patient = { timeout: 60_000 }

let postgres: string
const ends: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  if (!database.isMissing) postgres = await database.createDatabase()
})
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** One replica with a directory of its own, and what it is told. */
async function replica(connectionString = postgres, more: Partial<ControlPlaneOptions> = {}) {
  const told: PlaneNotice[] = []
  const opened = await localPlane({
    postgres: connectionString,
    tickMs: 100,
    onNotice: (notice) => told.push(notice),
    ...more,
  })
  let isOpen = true
  const close = async () => {
    if (isOpen) await opened.close()
    isOpen = false
  }
  ends.push(opened.remove, close)
  const transitions = () =>
    told.flatMap((notice) => (notice.kind === 'transition' ? [notice.transition.to.revision] : []))
  const leads = async () => (await opened.plane.view('home-row')).leader
  return { ...opened, close, transitions, leads }
}

const ORDER = JSON.stringify({ by: 'ada', reason: 'Complaints.' })

describe.skipIf(database.isMissing)('two replicas on PostgreSQL', () => {
  it('FAULTS 55: are one control plane: one leads, either takes an abort, and both tell it once', async () => {
    const first = await replica()
    const second = await replica()
    await expect.poll(async () => [await first.leads(), await second.leads()], patient).toEqual([true, false])
    const client = createClient({
      experiments: [experiment],
      source: sseSource({ url: first.url, pollMs: 1e9 }),
      sink: memorySink(),
      instanceId: 'a',
    })
    ends.push(() => client.close())
    expect(await client.ready()).toBe(true)

    // Asked of the follower; heard by a client of the leader.
    expect((await second.post('/v1/experiments/home-row/abort', ORDER)).status).toBe(200)
    await expect.poll(() => client.status().revision, patient).toBe(2)
    expect((await first.post('/v1/experiments/home-row/abort', ORDER)).status).toBe(409)
    await expect
      .poll(() => [first.transitions(), second.transitions()], patient)
      .toEqual([
        [1, 2],
        // What was before it began is no news to it.
        [2],
      ])
  })

  it('grants what runs while nobody has opened yet what only one of them knows', async () => {
    const first = await replica()
    await expect.poll(first.leads, patient).toBe(true)
    const { fingerprint: _, ...plan } = experiment
    const added = defineExperiment({ ...plan, key: 'added', salt: 'added' })
    const second = await replica(postgres, { experiments: [experiment, added] })
    const states = async () => {
      const answer = await second.get('/v1/state')
      const { states } = (await answer.json()) as { states: { experiment: string }[] }
      return [answer.status, ...states.map((state) => state.experiment)]
    }
    expect(await states()).toEqual([200, 'home-row'])
    expect((await second.get('/readyz')).status).toBe(200)
    await first.close()
    await expect.poll(states, patient).toEqual([200, 'home-row', 'added'])
  })

  it('FAULTS 55: when the leader ends, the other leads on from the same state', async () => {
    const first = await replica()
    const second = await replica()
    await expect.poll(first.leads, patient).toBe(true)
    const before = (await first.plane.view('home-row')).state
    await first.close()
    await expect.poll(second.leads, patient).toBe(true)
    expect((await second.plane.view('home-row')).state).toEqual(before)
    expect((await second.get('/readyz')).status).toBe(200)
  })
})

describe.skipIf(database.isMissing)('a leader whose definition is no longer in force', () => {
  it('FAULTS 55: leads no more and grants no lease: the replica that has the new one does', async () => {
    const edited = defineExperiment({
      ...definition,
      hypothesis: { ...definition.hypothesis, horizon: '10d' },
    })
    const first = await replica()
    const second = await replica(postgres, { experiments: [edited], onChangedDefinition: 'new-phase' })
    expect(await first.leads()).toBe(true)
    expect((await first.post('/v1/experiments/home-row/abort', ORDER)).status).toBe(200)
    expect((await second.post('/v1/experiments/home-row/retry', ORDER)).status).toBe(200)

    await expect.poll(second.leads, patient).toBe(true)
    expect((await second.plane.view('home-row')).state).toMatchObject({ phase: 2, status: 'running' })
    expect([(await second.get('/v1/state')).status, (await second.get('/readyz')).status]).toEqual([200, 200])
    expect([(await first.get('/v1/state')).status, (await first.get('/readyz')).status]).toEqual([503, 503])
    expect(await first.leads()).toBe(false)
  })
})

describe.skipIf(database.isMissing)('the kill switch', () => {
  it('FAULTS 58: on a read-only database no replica grants a lease until the abort is stored', async () => {
    const first = await replica()
    const second = await replica()
    const state = async ({ get }: typeof first) => (await get('/v1/state')).status
    expect([await state(first), await state(second)]).toEqual([200, 200])
    await readOnly('on')

    const answer = await second.post('/v1/experiments/home-row/abort', ORDER)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      code: 'abort-pending',
      remedy: expect.stringMatching(/default_transaction_read_only/),
    })
    expect(await state(second)).toBe(503)
    await expect.poll(() => state(first), patient).toBe(503)
    const events = batch(eventsOf(['viewer-1', 'viewer-2']))
    const refused = await second.post('/v1/events', events, NDJSON)
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'io' }])
    expect(await (await second.get('/readyz')).json()).toMatchObject({
      reasons: [expect.stringMatching(/^The log cannot be written: .*read-only/)],
    })

    await readOnly('off')
    await expect.poll(async () => [await state(first), await state(second)], patient).toEqual([200, 200])
    const { snapshot } = await first.plane.lease([])
    expect(snapshot.states).toMatchObject([{ status: 'aborted', cause: 'Complaints.' }])
    const taken = await second.post('/v1/events', events, NDJSON)
    expect(await taken.json()).toMatchObject({ accepted: 4, duplicates: 0 })
    await expect
      .poll(async () => (await first.plane.view('home-row')).evaluation?.units, patient)
      .toEqual({ old: 0, new: 2 })
  })

  it('FAULTS 55: a replica that cannot reach the database grants no lease', async () => {
    const url = new URL(postgres)
    const proxy = await startProxy(url.host)
    ends.push(() => proxy.stop())
    url.host = proxy.address
    const cut = await replica(url.href)
    expect((await cut.get('/v1/state')).status).toBe(200)
    proxy.setMode('reset')
    expect((await cut.get('/v1/state')).status).toBeGreaterThanOrEqual(500)
    expect((await cut.post('/v1/experiments/home-row/abort', ORDER)).status).toBe(503)
    proxy.setMode('pass')
    await expect.poll(async () => (await cut.get('/v1/state')).status, patient).toBe(200)
    expect((await cut.plane.lease([])).snapshot.states).toMatchObject([{ status: 'aborted' }])
  })
})

/** As providers do when the disk is nearly full. Connections that are open must notice, too. */
async function readOnly(value: 'on' | 'off'): Promise<void> {
  const admin = new Client({ connectionString: postgres })
  await admin.connect()
  const name = new URL(postgres).pathname.slice(1)
  await admin.query('BEGIN READ WRITE')
  await admin.query(`ALTER DATABASE ${name} SET default_transaction_read_only = ${value}`)
  await admin.query('COMMIT')
  await admin.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  )
  await admin.end()
}

it('a database that is not there is said, and nothing is left running', async () => {
  await expect(localPlane({ postgres: 'postgres://nobody@127.0.0.1:1/none' })).rejects.toMatchObject({
    code: 'unreachable',
  })
  await expect(localPlane({ postgres: '@/no/such/file' })).rejects.toMatchObject({ code: 'misconfigured' })
})

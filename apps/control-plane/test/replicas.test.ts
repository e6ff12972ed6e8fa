import { createClient } from '@fairtrial/client'
import { sseSource } from '@fairtrial/client/http'
import { postgresForTests } from '@fairtrial/databases'
import { memorySink } from '@fairtrial/exposure'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PlaneNotice } from '../src/notice.ts'
import { localPlane } from './local-plane.ts'
import { experiment } from './trial.ts'

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
async function replica() {
  const told: PlaneNotice[] = []
  const opened = await localPlane({ postgres, tickMs: 100, onNotice: (notice) => told.push(notice) })
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

it('a database that is not there is said, and nothing is left running', async () => {
  await expect(localPlane({ postgres: 'postgres://nobody@127.0.0.1:1/none' })).rejects.toMatchObject({
    code: 'unreachable',
  })
  await expect(localPlane({ postgres: '@/no/such/file' })).rejects.toMatchObject({ code: 'misconfigured' })
})

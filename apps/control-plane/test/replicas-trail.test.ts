import { postgresForTests } from '@fairtrial/databases'
import type { DecisionLog, TrailEntry } from '@fairtrial/rollout'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verifyPostgresTrail } from '../src/open-store.ts'
import { localPlane } from './local-plane.ts'
import { spawnPlane } from './spawned-plane.ts'

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

async function replica() {
  const opened = await localPlane({ postgres, tickMs: 100 })
  ends.push(opened.remove, opened.close)
  return opened
}

type Replica = Awaited<ReturnType<typeof replica>>
const entriesOf = async ({ get }: Replica) =>
  ((await (await get('/v1/trail?limit=500')).json()) as { entries: TrailEntry[] }).entries

describe.skipIf(database.isMissing)('the trail of two replicas', () => {
  it('is one: each shows what was said to the other, and a transition is in it once', async () => {
    const first = await replica()
    const second = await replica()
    const body = JSON.stringify({ kind: 'dissent', text: 'Too early.', by: 'ben' })
    const said = await second.post('/v1/experiments/home-row/notes', body)
    expect(said.status).toBe(200)
    const order = JSON.stringify({ by: 'ada', reason: 'Complaints.' })
    await expect
      .poll(async () => (await second.post('/v1/experiments/home-row/abort', order)).status, patient)
      .toBe(409)

    const decisions = async ({ get }: Replica) =>
      ((await (await get('/v1/experiments/home-row/decisions')).json()) as DecisionLog).entries
    await expect
      .poll(
        async () => (await decisions(first)).map(({ kind, revision, by }) => [kind, revision, by]),
        patient,
      )
      .toEqual([
        ['transition', 2, 'ada'],
        ['dissent', 1, 'ben'],
        ['transition', 1, 'controller'],
      ])
    expect((await decisions(first)).at(-1)?.dissent).toMatchObject([{ by: 'ben', text: 'Too early.' }])
    const entries = await entriesOf(first)
    expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, i) => i + 1))
    expect((await entriesOf(second)).slice(0, entries.length)).toEqual(entries)
    expect(await verifyPostgresTrail(postgres)).toMatchObject({ holds: true, broken: null })
  })

  it('is verified by the command', async () => {
    const only = await replica()
    await expect.poll(async () => (await entriesOf(only)).length, patient).toBe(2)
    const { code, stdout, stderr } = await spawnPlane(['--verify-trail', 'none', '--postgres', postgres])
      .ended
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { holds: true, entries: 2 }])
    expect(stderr).toMatch(/Entries that hold: 2\./)
  })
})

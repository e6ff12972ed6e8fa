import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import type { AttributionReport, DecisionLog, RolloutHistory, TrailEntry } from '@fairtrial/rollout'
import { describe, expect, it } from 'vitest'
import { batch, eventsOf, localPlanes, NDJSON } from '../test/local-plane.ts'
import { trailPath, verifyTrail } from './trail/verify-trail.ts'

const open = localPlanes()

type Plane = Awaited<ReturnType<typeof open>>
const abort = (plane: Plane, by = 'ada') =>
  plane.post('/v1/experiments/home-row/abort', JSON.stringify({ by, reason: 'Complaints.' }))
const note = (plane: Plane, body: object) =>
  plane.post('/v1/experiments/home-row/notes', JSON.stringify(body))
const trailOf = async (plane: Plane, query = '') => {
  const response = await plane.get(`/v1/trail${query}`)
  return (await response.json()) as { entries: TrailEntry[]; last: { sequence: number; hash: string } }
}
const decisionsOf = async (plane: Plane, query = '') =>
  (await (await plane.get(`/v1/experiments/home-row/decisions${query}`)).json()) as DecisionLog
const historyOf = async (plane: Plane) =>
  (await (await plane.get('/v1/experiments/home-row/history')).json()) as RolloutHistory
/** Entries are written behind whoever is told. */
const settled = (plane: Plane, kinds: readonly string[]) =>
  expect
    .poll(async () => (await trailOf(plane)).entries.map(({ kind }) => kind), { timeout: 10_000 })
    .toEqual(kinds)

describe('the trail', () => {
  it('has the definition, orders, refused orders, notes and the proof, in a chain that holds', async () => {
    const plane = await open()
    await settled(plane, ['transition', 'definition'])
    await note(plane, { kind: 'note', text: 'A holiday begins.', by: 'ben' })
    expect((await abort(plane)).status).toBe(200)
    await settled(plane, ['transition', 'definition', 'note', 'transition', 'proof'])
    expect((await abort(plane, 'cleo')).status).toBe(409)
    await settled(plane, ['transition', 'definition', 'note', 'transition', 'proof', 'refused'])

    const { entries, last } = await trailOf(plane)
    expect(entries[1]?.detail).toMatchObject({ phase: 1, revision: 1, edits: [] })
    expect(entries[3]).toMatchObject({ by: 'ada', role: 'admin', detail: { reason: 'Complaints.' } })
    expect(entries[5]).toMatchObject({
      by: 'unknown',
      role: 'admin',
      experiment: 'home-row',
      detail: { action: 'abort', status: 409, code: 'finished' },
    })
    await plane.close()
    expect(await verifyTrail(plane.directory)).toMatchObject({ holds: true, entries: 6, last })
  })

  it('is read page by page, from either end', async () => {
    const plane = await open()
    await settled(plane, ['transition', 'definition'])
    for (const text of ['a', 'b', 'c']) await note(plane, { kind: 'note', text, by: 'ben' })
    const numbers = async (query: string) =>
      (await trailOf(plane, query)).entries.map((entry) => entry.sequence)
    expect(await numbers('?limit=2')).toEqual([4, 5])
    expect(await numbers('?limit=2&before=4')).toEqual([2, 3])
    expect(await numbers('?limit=2&before=2')).toEqual([1])
    expect(await numbers('?after=3')).toEqual([4, 5])
    expect(await numbers('?after=0&limit=1')).toEqual([1])
    expect(await numbers('?after=5')).toEqual([])
    expect((await plane.get('/v1/trail?limit=0')).status).toBe(400)
  })

  it('FAULTS 56: has a transition whose process was killed before it was written down, at the next start', async () => {
    const first = await open()
    await abort(first)
    await settled(first, ['transition', 'definition', 'transition', 'proof'])
    await first.close()
    const lines = (await readFile(trailPath(first.directory), 'utf8')).split('\n')
    await writeFile(trailPath(first.directory), `${lines.slice(0, 2).join('\n')}\n`)

    const again = await open({ directory: first.directory })
    await expect
      .poll(async () => (await trailOf(again)).entries.map(({ kind }) => kind).toSorted(), {
        timeout: 10_000,
      })
      .toEqual(['definition', 'definition', 'transition', 'transition'])
    const { entries } = await trailOf(again)
    expect(entries.filter(({ kind }) => kind === 'transition')[1]).toMatchObject({
      by: 'ada',
      role: 'operator',
    })
  })

  it('is of one process: a second one is refused before it touches it', async () => {
    const first = await open()
    await settled(first, ['transition', 'definition'])
    // As if the first were in the middle of a line.
    await appendFile(trailPath(first.directory), '{"half":')
    await expect(open({ directory: first.directory })).rejects.toMatchObject({ code: 'refused' })
    expect(await readFile(trailPath(first.directory), 'utf8')).toMatch(/\{"half":$/)
  })

  it('does not let a plane start over one that was changed', async () => {
    const first = await open()
    await settled(first, ['transition', 'definition'])
    await first.close()
    const text = await readFile(trailPath(first.directory), 'utf8')
    await writeFile(trailPath(first.directory), text.replace('"controller"', '"nobody"'))
    await expect(open({ directory: first.directory })).rejects.toMatchObject({ code: 'invalid-state' })
  })
})

describe('the decision log', () => {
  it('tells who decided, on what, and who disagreed and why', async () => {
    const plane = await open()
    await expect
      .poll(async () => (await plane.plane.view('home-row')).decision, { timeout: 10_000 })
      .not.toBeNull()
    const said = await note(plane, {
      kind: 'dissent',
      text: 'Too early: half the week is missing.',
      by: 'ben',
    })
    expect([said.status, await said.json()]).toMatchObject([200, { kind: 'dissent', by: 'ben' }])
    await abort(plane)
    await expect.poll(async () => (await decisionsOf(plane)).entries.length, { timeout: 10_000 }).toBe(3)

    const { entries, next } = await decisionsOf(plane)
    expect(next).toBeNull()
    expect(entries.map(({ kind, by, revision }) => [kind, by, revision])).toEqual([
      ['transition', 'ada', 2],
      ['dissent', 'ben', 1],
      ['transition', 'controller', 1],
    ])
    // What was known when somebody disagreed, and that it is told beside what it was said of.
    expect(entries[1]).toMatchObject({
      status: 'running',
      trafficPercent: 50,
      text: expect.stringMatching(/Too early/),
    })
    expect(entries[1]?.rule).not.toBeNull()
    expect(entries[2]?.dissent).toMatchObject([{ by: 'ben', text: expect.stringMatching(/Too early/) }])
    expect(entries[0]?.dissent).toEqual([])
  })

  it('is searched by text, by rule and by name, and read page by page', async () => {
    const plane = await open()
    for (let i = 0; i < 5; i++)
      await note(plane, { kind: 'note', text: `Note ${i}: Zürich`, by: i < 3 ? 'ben' : 'cleo' })
    const texts = async (query: string) => (await decisionsOf(plane, query)).entries.map(({ text }) => text)
    expect(await texts('?text=z%C3%BCrich&limit=2')).toEqual(['Note 4: Zürich', 'Note 3: Zürich'])
    expect(await texts('?by=ben')).toEqual(['Note 2: Zürich', 'Note 1: Zürich', 'Note 0: Zürich'])
    expect(await texts('?rule=hard-limit')).toEqual([])
    expect(await texts('?text=%27%3B+DROP+TABLE')).toEqual([])
    const first = await decisionsOf(plane, '?limit=4')
    const second = await decisionsOf(plane, `?limit=4&before=${first.next}`)
    expect([first.entries.length, second.entries.length, second.next]).toEqual([4, 2, null])
  })

  it('refuses notes that say nothing, and experiments that are not there', async () => {
    const plane = await open()
    for (const body of [
      {},
      { kind: 'note', by: 'ben' },
      { kind: 'praise', text: 'x', by: 'ben' },
      { kind: 'note', text: 'x' },
    ]) {
      expect((await note(plane, body)).status).toBe(400)
    }
    expect((await plane.get('/v1/experiments/other/decisions')).status).toBe(404)
    expect((await plane.get('/v1/experiments/other/history')).status).toBe(404)
    expect(
      (await plane.post('/v1/experiments/other/notes', '{"kind":"note","text":"x","by":"b"}')).status,
    ).toBe(404)
  })
})

describe('a disk that takes no entry', () => {
  it('keeps no abort waiting, refuses a note, and tells both', async () => {
    const plane = await open()
    await settled(plane, ['transition', 'definition'])
    await rm(trailPath(plane.directory))
    expect((await abort(plane)).status).toBe(200)
    const refused = await note(plane, { kind: 'note', text: 'x', by: 'ben' })
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'not-written' }])
    expect(await (await plane.get('/metrics')).text()).toMatch(/^fairtrial_trail_pending [2-9]$/m)
    expect(plane.lines.join('\n')).toMatch(/trail: \d entries wait: .* was removed/)
  })
})

describe('the history', () => {
  it('tells each change of state with its numbers, also after a restart', async () => {
    const plane = await open()
    await plane.post('/v1/events', batch(eventsOf(['viewer-1', 'viewer-2'])), NDJSON)
    await expect
      .poll(async () => (await historyOf(plane)).points.at(-1)?.units, { timeout: 10_000 })
      .toEqual({ old: 0, new: 2 })
    await abort(plane)
    await expect
      .poll(async () => (await historyOf(plane)).points.at(-1)?.status, { timeout: 10_000 })
      .toBe('aborted')
    const { points } = await historyOf(plane)
    expect(points[0]).toMatchObject({ phase: 1, revision: 1, trafficPercent: 50 })
    expect(points.find(({ status }) => status === 'aborted')).toMatchObject({
      status: 'aborted',
      trafficPercent: 0,
    })
    expect(points.at(-1)?.primaries).toMatchObject([{ metric: 'started', variant: 'new' }])
    await plane.close()

    const again = await open({ directory: plane.directory })
    const after = await historyOf(again)
    expect(after.points.slice(0, points.length - 1)).toEqual(points.slice(0, -1))
  })
})

describe('the attribution', () => {
  it('ranks what runs by a metric, and says what it cannot rank', async () => {
    const plane = await open()
    await plane.post('/v1/events', batch(eventsOf(['viewer-1', 'viewer-2'])), NDJSON)
    const attributed = async (metric: string) => {
      const response = await plane.get(`/v1/attribution?metric=${metric}`)
      return { status: response.status, ...((await response.json()) as Partial<AttributionReport>) }
    }
    await expect
      .poll(() => attributed('started'), { timeout: 10_000 })
      .toMatchObject({ status: 200, unranked: [{ experiment: 'home-row', variant: 'new' }] })
    expect(await attributed('rebuffers')).toMatchObject({
      ranked: [],
      unranked: [{ experiment: 'home-row', reason: 'home-row does not measure rebuffers.' }],
    })
    expect((await plane.get('/v1/attribution')).status).toBe(400)
    await abort(plane)
    await expect.poll(async () => (await attributed('started')).unranked, { timeout: 10_000 }).toEqual([])
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { localPlane } from '../test/local-plane.ts'
import { openFileStore } from './open-store.ts'
import { holdAborts } from './pending-aborts.ts'
import { Refused } from './refused.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-pending-'))
})
afterAll(() => rm(directory, { recursive: true }))

it('FAULTS 58: an abort that cannot be stored is tried again for ever, with an alert, and no lease is granted meanwhile', async () => {
  const opened = await openFileStore(directory)
  const disk = { isReadOnly: false, attempts: 0 }
  const store: typeof opened.store = {
    ...opened.store,
    async compareAndSet(...args) {
      if (!disk.isReadOnly) return opened.store.compareAndSet(...args)
      disk.attempts += 1
      throw new ExperimentError('io', 'The database is read-only.', 'Make it writable.')
    },
  }
  const { url, plane, lines, post, get, close } = await localPlane({
    directory,
    opened: { ...opened, store },
    tickMs: 100,
  })
  try {
    expect(await plane.view('home-row')).toMatchObject({ leader: true, error: null })
    disk.isReadOnly = true
    const order = JSON.stringify({ by: 'ada', reason: 'Complaints.' })
    const answer = await post('/v1/experiments/home-row/abort', order)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      code: 'abort-pending',
      remedy: expect.stringMatching(/no lease is granted .*Make it writable/) as string,
    })
    const state = await get('/v1/state')
    expect([state.status, await state.json()]).toMatchObject([503, { code: 'withheld' }])
    expect((await fetch(`${url}/v1/state/stream`)).status).toBe(503)
    expect(lines.join('\n')).toContain('THE ABORT CANNOT BE STORED')
    // What is meant for later is not done by hand meanwhile: a hold that fails is forgotten.
    expect((await post('/v1/experiments/home-row/hold', order)).status).toBe(503)

    // The loop takes it nowhere else meanwhile, whatever the disk would take again; and whoever looks is told.
    await expect.poll(async () => (await plane.view('home-row')).leader, { timeout: 20_000 }).toBe(false)
    const error = 'An abort of home-row waits to be stored.'
    expect(await plane.view('home-row')).toMatchObject({ state: { status: 'running' }, error })
    expect((await plane.rollouts()).rollouts).toMatchObject([{ error }])

    await expect.poll(() => disk.attempts, { timeout: 20_000 }).toBeGreaterThan(3)
    disk.isReadOnly = false
    await expect.poll(async () => (await get('/v1/state')).status, { timeout: 20_000 }).toBe(200)
    expect((await plane.view('home-row')).transitions.map(({ to }) => to.status)).toEqual([
      'running',
      'aborted',
    ])
    expect(lines.join('\n')).toContain('THE ABORT IS STORED')
    expect((await plane.view('home-row')).error).toBeNull()
  } finally {
    await close()
  }
})

it.each([
  ['a disk in its own words', Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' })],
  ['a database that lets nobody in', new ExperimentError('misconfigured', 'No such user.', 'Look at it.')],
])('FAULTS 58: an abort is held down whatever the store fails with: %s', async (_, failure) => {
  const aborts = await holdAborts(() => undefined)
  try {
    const order = aborts.attempt('home-row', () => Promise.reject(failure))
    await expect(order).rejects.toMatchObject({ status: 503, code: 'abort-pending' })
    expect(aborts.withheld()).toContain('home-row')
  } finally {
    await aborts.close()
  }
})

it.each([
  ['over already', new Refused(409, 'finished', 'It is over.', { remedy: 'Nothing.' })],
  ['without a reason', new ExperimentError('invalid-argument', 'No reason.', 'Give one.')],
])('an abort that is answered is not tried again: %s', async (_, answer) => {
  const aborts = await holdAborts(() => undefined)
  await expect(aborts.attempt('home-row', () => Promise.reject(answer))).rejects.toBe(answer)
  expect(aborts.withheld()).toBeNull()
  await aborts.close()
})

it('FAULTS 58: the other replicas are told for as long as an attempt takes, and not only when it fails', async () => {
  let rings = 0
  const alarm = {
    ring: async () => void (rings += 1),
    listen: async () => async () => undefined,
  }
  const aborts = await holdAborts(() => undefined, alarm)
  try {
    let attempts = 0
    const order = aborts.attempt('home-row', () => {
      attempts += 1
      return attempts === 1 ? Promise.reject(new Error('away')) : new Promise(() => undefined)
    })
    await expect(order).rejects.toMatchObject({ status: 503 })
    await expect.poll(() => rings, { timeout: 20_000 }).toBeGreaterThan(4)
    expect(attempts).toBe(2)
  } finally {
    await aborts.close()
  }
})

it('a second control plane on the same data is refused, by name', async () => {
  const first = await localPlane()
  try {
    await expect(localPlane({ directory: first.directory })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining(`process ${process.pid}`) as string,
    })
  } finally {
    await first.close()
    await first.remove()
  }
})

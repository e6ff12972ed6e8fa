import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { localPlane } from '../test/local-plane.ts'
import { openFileStore } from './open-store.ts'

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
    tickMs: 3_600_000,
  })
  try {
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

    await expect.poll(() => disk.attempts, { timeout: 20_000 }).toBeGreaterThan(3)
    disk.isReadOnly = false
    await expect.poll(async () => (await get('/v1/state')).status, { timeout: 20_000 }).toBe(200)
    expect((await plane.view('home-row')).transitions.map(({ to }) => to.status)).toEqual([
      'running',
      'aborted',
    ])
    expect(lines.join('\n')).toContain('THE ABORT IS STORED')
  } finally {
    await close()
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

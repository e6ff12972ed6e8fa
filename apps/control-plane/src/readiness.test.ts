import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { localPlane } from '../test/local-plane.ts'
import { bearer, TOKENS, writeTokens } from '../test/tokens-file.ts'
import { openFileStore } from './open-store.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-ready-'))
})
afterAll(() => rm(directory, { recursive: true }))

it('FAULTS 62: says what stands in the way, its paths and addresses to none but those who are known, and asks once a second', async () => {
  const opened = await openFileStore(directory)
  const disk = { isAway: false, reads: 0 }
  const store: typeof opened.store = {
    ...opened.store,
    read(key) {
      disk.reads += 1
      return disk.isAway ? Promise.reject(new Error('EIO at /secret/path')) : opened.store.read(key)
    },
  }
  const tokensFile = join(directory, 'tokens.json')
  await writeTokens(tokensFile)
  const plane = await localPlane({
    directory,
    tokensFile,
    opened: { ...opened, store },
    tickMs: 3_600_000,
  })
  try {
    expect((await plane.get('/readyz')).status).toBe(200)
    disk.isAway = true
    await expect.poll(async () => (await plane.get('/readyz')).status, { timeout: 20_000 }).toBe(503)
    const reasons = async (headers = {}) => (await plane.get('/readyz', headers)).json()
    expect(await reasons()).toMatchObject({ reasons: ['The state cannot be read.'] })
    expect(await reasons(bearer(TOKENS.viewer))).toMatchObject({
      reasons: ['The state cannot be read: EIO at /secret/path'],
    })
    const before = disk.reads
    const answers = await Promise.all(Array.from({ length: 50 }, () => reasons()))
    expect(answers).toHaveLength(50)
    expect(disk.reads - before).toBeLessThan(10)
  } finally {
    await plane.close()
  }
})

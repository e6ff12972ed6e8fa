import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { createClient as createRedis } from 'redis'
import { afterAll, describe, expect, it } from 'vitest'
import { onRespServer } from '../../test/resp-server.ts'
import { fileStickyStore } from '../file/index.ts'
import { stickyStoreContract } from '../testing/index.ts'
import { memoryStickyStore, redisStickyStore } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairtrial-sticky-'))
afterAll(() => rmSync(folder, { recursive: true }))
let made = 0
const fresh = () => join(folder, `${++made}`)
const once = { onlyIfAbsent: true, keepMs: 60_000 }

describe('memoryStickyStore', () => {
  for (const { title, check } of stickyStoreContract(() => memoryStickyStore()))
    it(`keeps the contract: ${title}`, check)

  it('forgets what was not asked for the longest time', async () => {
    const store = memoryStickyStore({ capacity: 3 })
    for (const key of ['a', 'b', 'c']) await store.write(key, key, once)
    await store.read('a')
    await store.write('d', 'd', once)
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.read(key)))).toEqual([
      'a',
      null,
      'c',
      'd',
    ])
  })
})

describe('fileStickyStore', () => {
  const contract = stickyStoreContract(() => fileStickyStore({ directory: fresh() }))
  for (const { title, check } of contract) it(`keeps the contract: ${title}`, check)

  it('is remembered by the next process, names no unit, and leaves no drafts', async () => {
    const directory = fresh()
    await fileStickyStore({ directory }).write('of ada@example.org', 'value', once)
    expect(await fileStickyStore({ directory }).write('of ada@example.org', 'other', once)).toBe(false)
    expect(await fileStickyStore({ directory }).read('of ada@example.org')).toBe('value')
    const files = readdirSync(directory)
    expect(files).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.json$/)])
    expect(readFileSync(join(directory, files[0]!), 'utf8')).toBe('value')
  })

  it('rejects where the directory is none, and says so without naming the unit', async () => {
    const path = fresh()
    writeFileSync(path, '')
    const store = fileStickyStore({ directory: path })
    await expect(store.read('ada')).rejects.toThrow(/cannot be read: ENOTDIR/)
    await expect(store.write('ada', 'value', once)).rejects.toMatchObject({ code: 'io' })
  })
})

describe('redisStickyStore', () => {
  it('keeps the contract by node-redis, over a socket', async () => {
    for (const title of titles) {
      await onRespServer(async (port) => {
        const redis = createRedis({ url: `redis://127.0.0.1:${port}`, RESP: 2 })
        await redis.connect()
        try {
          await contractNamed(title, redisStickyStore(redis))
        } finally {
          redis.destroy()
        }
      })
    }
  })

  it('keeps the contract by ioredis, over a socket', async () => {
    for (const title of titles) {
      await onRespServer(async (port) => {
        const redis = new Redis({ port, lazyConnect: true })
        await redis.connect()
        try {
          await contractNamed(title, redisStickyStore(redis))
        } finally {
          redis.disconnect()
        }
      })
    }
  })

  it('lets Redis forget after the time given', async () => {
    const said: string[][] = []
    const store = redisStickyStore({
      async sendCommand(words) {
        said.push(words)
        return 'OK'
      },
    })
    await store.write('key', 'value', { onlyIfAbsent: true, keepMs: 1_500.5 })
    await store.write('key', 'value', { onlyIfAbsent: false, keepMs: 1 })
    expect(said).toEqual([
      ['SET', 'key', 'value', 'PX', '1501', 'NX'],
      ['SET', 'key', 'value', 'PX', '1'],
    ])
  })
})

const titles = stickyStoreContract(() => memoryStickyStore()).map(({ title }) => title)

async function contractNamed(title: string, store: ReturnType<typeof memoryStickyStore>): Promise<void> {
  await stickyStoreContract(() => store)
    .find((each) => each.title === title)!
    .check()
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { leaseContract, memoryLeases, memoryStateStore } from '../testing/index.ts'
import { fileLease } from './file-lease.ts'
import { fileStateStore } from './file-state-store.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-lease-'))
})
afterEach(() => rm(directory, { recursive: true }))

const newest = async () =>
  join(
    directory,
    (await readdir(directory))
      .filter((name) => name.startsWith('leader-'))
      .toSorted()
      .at(-1)!,
  )

/** As if the holder were another process. */
async function disguise(change: object): Promise<void> {
  const path = await newest()
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }))
}

describe('fileLease', () => {
  it.each(leaseContract)('$name', async ({ run }) => {
    await run({
      store: fileStateStore({ directory }),
      leaseOf: () => fileLease({ directory }),
      lapse: () => disguise({ startedAt: '0' }),
    })
  })

  it('refuses a second process on the directory, says who has it, and is free once that one is killed', async () => {
    const script = fileURLToPath(new URL('../../test/hold-lease.ts', import.meta.url))
    const flags = ['--conditions', '@fairtrial/source', '--import', 'tsx']
    const other = spawn(process.execPath, [...flags, script, directory])
    const ended = once(other, 'exit')
    try {
      const [said] = (await once(other.stdout, 'data')) as [Buffer]
      expect(JSON.parse(said.toString())).toEqual({ token: 1 })
      const lease = fileLease({ directory })
      expect(await lease.acquire()).toBeNull()
      expect(await lease.holder()).toMatch(new RegExp(`^process ${other.pid} on `))
      // Stopped is not dead: it may act at any moment.
      other.kill('SIGSTOP')
      expect(await lease.acquire()).toBeNull()
      other.kill('SIGKILL')
      await ended
      expect(await lease.holder()).toBeNull()
      expect(await lease.acquire()).toEqual({ token: 2 })
    } finally {
      other.kill('SIGKILL')
      await ended
    }
  })

  it('believes a holder in another container as long as it is touched now and then', async () => {
    const ada = fileLease({ directory })
    await ada.acquire()
    await disguise({ pidNamespace: 'pid:[1]' })
    const bob = fileLease({ directory })
    expect(await bob.acquire()).toBeNull()
    const longAgo = new Date(Date.now() - 61_000)
    await utimes(await newest(), longAgo, longAgo)
    await ada.renew()
    expect(await bob.acquire()).toBeNull()
    await utimes(await newest(), longAgo, longAgo)
    expect(await bob.acquire()).toEqual({ token: 2 })
  })
})

describe('memoryLeases', () => {
  it.each(leaseContract)('$name', async ({ run }) => {
    let now = 0
    const leases = memoryLeases({ ttlMs: 1_000, now: () => now })
    await run({
      store: memoryStateStore({ leases }),
      leaseOf: leases.leaseOf,
      lapse: async () => void (now += 1_000),
    })
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { connectPostgres } from './connect-postgres.ts'
import { findPostgres } from './find-postgres.ts'
import { startPostgres } from './postgres.ts'
import { postgresForTests, TEST_DATABASES } from './postgres-for-tests.ts'
import { setup } from './tests-setup.ts'

const postgres = await postgresForTests()

async function ask(connectionString: string, text: string) {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

afterEach(() => void vi.unstubAllEnvs())

describe.skipIf(postgres.isMissing)('the PostgreSQL that test files share', () => {
  it('gives every caller a database of its own', async () => {
    const [one, two] = [await postgres.createDatabase(), await postgres.createDatabase()]
    expect(one).not.toBe(two)
    await ask(one, 'CREATE TABLE mine ()')
    expect(await ask(two, "SELECT to_regclass('mine') AS mine")).toEqual([{ mine: null }])
  })

  it('is the one of DATABASE_URL where that is set, and goes on when a test stops its handle', async () => {
    const mine = await postgres.createDatabase()
    vi.stubEnv('DATABASE_URL', mine)
    const named = await connectPostgres()
    expect(named.connectionString).toBe(mine)
    await named.stop()
    expect(await ask(await named.createDatabase(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

describe.skipIf(postgres.isMissing)('startPostgres', () => {
  it('is gone, with its port, once it is stopped', async () => {
    vi.stubEnv('DATABASE_URL', '')
    const own = await startPostgres()
    expect(await ask(own.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await own.stop()
    await expect(ask(own.connectionString, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/)
  })
})

describe.skipIf('missing' in findPostgres())('pnpm postgres', () => {
  it('prints where it is, and goes with its process also when that is killed', async () => {
    const main = fileURLToPath(new URL('../main.ts', import.meta.url))
    const flags = ['--conditions=@fairtrial/source', '--import=tsx']
    const child = spawn(process.execPath, [...flags, main], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer]
      const [, url = ''] = /^DATABASE_URL=(.*)\n$/.exec(line.toString()) ?? []
      expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
      child.kill('SIGKILL')
      await ended
      const refused = async () => ask(url, 'SELECT 1').catch((error: { code?: string }) => error.code)
      await expect.poll(refused, { timeout: 30_000 }).toBe('ECONNREFUSED')
    } finally {
      child.kill('SIGKILL')
    }
  })
})

describe('the setup of a test run', () => {
  it('needs no PostgreSQL on the machine for a server that is there', async () => {
    vi.stubEnv(TEST_DATABASES, '')
    vi.stubEnv('DATABASE_URL', 'postgresql://127.0.0.1:1/nowhere')
    const teardown = await setup()
    try {
      expect((await postgresForTests()).isMissing).toBe(false)
    } finally {
      await teardown()
    }
  })
})

// The global setup of vitest: lends one PostgreSQL to all test files of a run. It is started when the first one asks,
// and stops with the run.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connectPostgres } from './connect-postgres.ts'
import { findPostgres } from './find-postgres.ts'
import type { Postgres } from './postgres.ts'
import type { TestDatabases } from './postgres-for-tests.ts'
import { TEST_DATABASES } from './postgres-for-tests.ts'

/** Says once, before the tests, what cannot run. On a machine of CI everything must. */
export async function setup(): Promise<() => Promise<void>> {
  const missing = process.env.DATABASE_URL ? null : whyMissing()
  if (missing !== null) {
    if (process.env.CI === 'true')
      throw new Error(`${missing}: the tests on it cannot run; .ci/run installs what they need`)
    console.error(`\n!! ${missing}: the tests on real PostgreSQL are LEFT OUT.\n`)
  }
  let postgres: Promise<Postgres> | undefined
  const server = createServer((_, response) => {
    postgres ??= connectPostgres()
    postgres.then(
      ({ connectionString }) => response.end(JSON.stringify({ connectionString })),
      (error) => response.writeHead(500).end(`${error}`),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const found: TestDatabases = { door: `http://127.0.0.1:${port}`, missing }
  process.env[TEST_DATABASES] = JSON.stringify(found)
  return async () => {
    server.close()
    await (await postgres?.catch(() => undefined))?.stop()
  }
}

function whyMissing(): string | null {
  const found = findPostgres()
  return 'missing' in found ? found.missing : null
}

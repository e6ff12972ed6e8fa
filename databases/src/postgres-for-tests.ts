import { createDatabase } from './admin.ts'

/** What the setup of a test run says to its test files, through the environment. */
export interface TestDatabases {
  /** Answers with the connection string of the server. */
  readonly door: string
  /** Why no PostgreSQL can be started; null where one can. */
  readonly missing: string | null
}

/** The name of the environment variable that holds {@link TestDatabases}. */
export const TEST_DATABASES = 'FAIRTRIAL_TEST_DATABASES'

/** The PostgreSQL of a test run, as a test file sees it. */
export interface TestPostgres {
  /** There is none here, as the run said before the tests: `describe.skipIf(postgres.isMissing)`. Never so in CI. */
  readonly isMissing: boolean
  /** Makes a database that no other test has, and answers with its connection string. */
  createDatabase(): Promise<string>
}

/**
 * One PostgreSQL for all test files of a run, started when the first one asks; the server of `DATABASE_URL` where that
 * is set. Await it at the top of a test file.
 */
export async function postgresForTests(): Promise<TestPostgres> {
  const found = process.env[TEST_DATABASES]
  if (found === undefined)
    throw new Error(`${TEST_DATABASES} is not set: this runs under vitest of the workspace only`)
  const { door, missing } = JSON.parse(found) as TestDatabases
  if (missing !== null) return { isMissing: true, createDatabase: () => Promise.reject(new Error(missing)) }
  const response = await fetch(door)
  if (!response.ok) throw new Error(await response.text())
  const { connectionString } = (await response.json()) as { connectionString: string }
  return { isMissing: false, createDatabase: () => createDatabase(connectionString) }
}

import { ExperimentError } from '@fairtrial/protocol'
import { Pool } from 'pg'
import { endListening } from './listen.ts'
import { migrate } from './migrate.ts'
import { tellingErrors } from './telling-errors.ts'

/** What is used of a client of `pg`. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
  /** With an argument, the connection is closed and not used again. */
  release(destroy?: boolean | Error): void
  on(event: 'notification', listener: (message: { payload?: string | undefined }) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end', listener: () => void): unknown
}

/** What is used of `pg.Pool`. */
export interface PostgresPool {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
  connect(): Promise<PostgresClient>
  end(): Promise<void>
}

/** A PostgreSQL that holds our tables. */
export interface Database {
  readonly pool: PostgresPool
  /** The schema of our tables, quoted where it needs to be. */
  readonly schema: string
  /** Asks one statement; rejects with an ExperimentError that says what to do. Values are bound, never written into the text. */
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>
  /** Ends the listening and the connections; those of a pool that was brought along stay. */
  close(): Promise<void>
}

/** Where the database is: a connection string, or a pool of `pg` of yours. */
export type DatabaseOptions = (
  | { readonly connectionString: string; readonly pool?: undefined }
  | { readonly pool: PostgresPool; readonly connectionString?: undefined }
) & {
  /** Default `fairtrial`. */
  readonly schema?: string
  /** How long a connection and a statement may take, milliseconds: after that the database counts as gone. Default 5,000. */
  readonly timeoutMs?: number
}

/**
 * Connects, and makes or completes the tables.
 *
 * @throws ExperimentError `unreachable`, `misconfigured` (not let in), `io` (a read-only database without the tables),
 *   `unsupported-version` (tables of a later release)
 */
export async function connectPostgres(options: DatabaseOptions): Promise<Database> {
  const { connectionString, schema = 'fairtrial', timeoutMs = 5_000 } = options
  if (!/^[a-z_][a-z0-9_]{0,47}$/.test(schema)) {
    throw new ExperimentError(
      'invalid-argument',
      `${JSON.stringify(schema)} cannot be the schema.`,
      'Use 1 to 48 of a-z, 0-9 and _, not a digit first.',
    )
  }
  const pool = options.pool ?? openPool(connectionString ?? '', timeoutMs)
  const close = async () => {
    endListening(pool)
    if (options.pool === undefined) await pool.end()
  }
  const database: Database = {
    pool,
    schema,
    query: (text, values) => tellingErrors(async () => (await pool.query(text, [...(values ?? [])])).rows),
    close,
  }
  try {
    await migrate(database)
  } catch (error) {
    await close()
    throw error
  }
  return database
}

function openPool(connectionString: string, timeoutMs: number): PostgresPool {
  const pool = new Pool({
    connectionString,
    application_name: 'fairtrial',
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    // A network that swallows everything answers neither with an error nor with an end.
    query_timeout: timeoutMs,
    keepAlive: true,
  })
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on('error', () => undefined)
  return pool
}

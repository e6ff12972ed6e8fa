import { ExperimentError } from '@fairtrial/protocol'
import type { Database } from './database.ts'
import { migrations } from './migrations.ts'
import { tellingErrors } from './telling-errors.ts'

type Ask = (text: string, values?: unknown[]) => Promise<{ rows: Record<string, unknown>[] }>

/**
 * Brings the tables up to this release, forward only. Of several processes that start at once one does it, and the
 * others wait. Tables that are complete are not written to: a read-only database can be read.
 *
 * @throws ExperimentError `unsupported-version` for tables of a later release
 */
export async function migrate(
  { pool, schema, query }: Database,
  steps: readonly string[] = migrations,
): Promise<void> {
  const ask: Ask = async (text, values) => ({ rows: await query(text, values) })
  if ((await versionOf(ask, schema, steps)) === steps.length) return
  const client = await tellingErrors(() => pool.connect())
  let isBroken = true
  try {
    await tellingErrors(async () => {
      await client.query('BEGIN')
      await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`fairtrial ${schema}`])
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
      await client.query(
        `CREATE TABLE IF NOT EXISTS ${schema}.migrations
           (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
      )
      const version = await versionOf((text, values) => client.query(text, values), schema, steps)
      for (const [index, migration] of steps.entries()) {
        if (index < version) continue
        await client.query(migration.replaceAll('SCHEMA', schema))
        await client.query(`INSERT INTO ${schema}.migrations (version) VALUES ($1)`, [index + 1])
      }
      await client.query('COMMIT')
    })
    isBroken = false
  } finally {
    // A connection that is closed takes its transaction with it.
    client.release(isBroken)
  }
}

async function versionOf(ask: Ask, schema: string, steps: readonly string[]): Promise<number> {
  const { rows: found } = await ask('SELECT to_regclass($1) IS NOT NULL AS exists', [`${schema}.migrations`])
  if (found[0]?.exists !== true) return 0
  const { rows } = await ask(`SELECT coalesce(max(version), 0) AS version FROM ${schema}.migrations`)
  const version = Number(rows[0]?.version)
  if (version <= steps.length) return version
  throw new ExperimentError(
    'unsupported-version',
    `The tables in the schema ${schema} are of version ${version}; this release knows ${steps.length}.`,
    'Run the release that made them, or a later one. Tables are never taken back to an older version.',
  )
}

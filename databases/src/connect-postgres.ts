import { createDatabase } from './admin.ts'
import { startPostgres } from './postgres.ts'
import type { Postgres } from './postgres.ts'

/**
 * The server that `DATABASE_URL` names, which is not ours to stop; without it one that is started. Its user must be
 * allowed to create databases.
 */
export async function connectPostgres(): Promise<Postgres> {
  const named = process.env.DATABASE_URL
  if (named === undefined || named === '') return startPostgres()
  return { connectionString: named, createDatabase: () => createDatabase(named), stop: async () => {} }
}

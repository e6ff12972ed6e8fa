export { connectPostgres } from './database.ts'
export type { Database, PostgresClient, PostgresPool } from './database.ts'
export { postgresLease } from './postgres-lease.ts'
export { postgresStateStore } from './postgres-state-store.ts'

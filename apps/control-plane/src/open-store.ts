import { hostname } from 'node:os'
import { join } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol'
import {
  fileLease,
  fileStateStore,
  keepLease,
  type LeaderLease,
  type StateStore,
} from '@fairtrial/rollout/controller'

/** How long a leader may be silent before another replica takes over, milliseconds. */
const LEADER_TTL_MS = 10_000

/** Where the state is kept, and the right to change it. */
export interface OpenedStore {
  readonly store: StateStore
  readonly lease: Pick<LeaderLease, 'current'>
  /** Gives the lease up, and lets go of the store. After the loops. */
  close(): Promise<void>
}

/** The files below the data directory. Rejects `refused` where another process has it. */
export async function openFileStore(directory: string): Promise<OpenedStore> {
  const states = join(directory, 'state')
  const lease = fileLease({ directory: states })
  if ((await lease.acquire()) === null) {
    throw new ExperimentError(
      'refused',
      `${directory} is in use by ${(await lease.holder()) ?? 'another process'}.`,
      'Stop that one, or give each control plane a --data of its own.',
    )
  }
  return { store: fileStateStore({ directory: states }), lease, close: () => lease.release() }
}

/** PostgreSQL: several replicas, of which one acts. `pg` is loaded only here. */
export async function openPostgresStore(
  connectionString: string,
  log: (line: string) => void,
): Promise<OpenedStore> {
  const { connectPostgres, postgresLease, postgresStateStore } = await import('@fairtrial/rollout/postgres')
  const database = await connectPostgres({ connectionString })
  const lease = postgresLease(database, { holder: `${hostname()}:${process.pid}`, ttlMs: LEADER_TTL_MS })
  const kept = await keepLease(lease, {
    everyMs: LEADER_TTL_MS / 3,
    onChange(token, error) {
      if (error !== null) log(`the lease of the leader cannot be asked for: ${error.message}`)
      else log(token === null ? 'another replica leads.' : `this replica leads, by token ${token}.`)
    },
  })
  return {
    store: postgresStateStore(database),
    lease,
    async close() {
      await kept.stop()
      await database.close()
    },
  }
}

import { readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isLogEvent } from '@fairtrial/exposure/segments'
import { ExperimentError } from '@fairtrial/protocol'
import {
  type AbortAlarm,
  fileLease,
  fileStateStore,
  keepLease,
  type LeaderLease,
  type StateStore,
} from '@fairtrial/rollout/controller'
import type { HistoryTable, PostgresEventLog, TrailTable } from '@fairtrial/rollout/postgres'
import type { TrailEnd } from './trail/chain.ts'
import { type TrailVerdict, verifyTrailTable } from './trail/verify-trail.ts'

/** Some hundred events: a log of few must have something to let go. */
const RETAINED_BYTES = 100_000

/** How long a leader may be silent before another replica takes over, milliseconds. */
const LEADER_TTL_MS = 10_000

/** Where the state is kept, and the right to change it. */
export interface OpenedStore {
  readonly store: StateStore
  readonly lease: Pick<LeaderLease, 'current'>
  /** Leads from now on only while it is fit to, where another can lead in its place. */
  leadWhile?(isFit: () => boolean): void
  /** Whether other processes may grant leases on the same state. */
  readonly hasReplicas: boolean
  /** By which other replicas hear of an abort that cannot be stored; where there can be others. */
  readonly alarm?: AbortAlarm
  /** Of all replicas, where there are several; the next two, too. */
  readonly trailTable?: TrailTable
  readonly historyTable?: HistoryTable
  readonly eventLog?: PostgresEventLog
  /** The same in small portions, of which each is kept or goes. */
  readonly retainedLog?: PostgresEventLog
  /** Gives the lease up, and lets go of the store. After the loops. */
  close(): Promise<void>
}

/** Below the data directory. */
const statesOf = (directory: string) => join(directory, 'state')

/** In the folder of the states, while they are in PostgreSQL: what stands beside it is of a life before. */
const markOf = (directory: string) => join(statesOf(directory), 'in-postgres')

/**
 * Takes a data directory, before anything in it is opened: two processes that append to one log or one trail would write
 * over each other. Rejects `refused` where another process has it.
 */
async function holdDirectory(directory: string): Promise<ReturnType<typeof fileLease>> {
  const lease = fileLease({ directory: statesOf(directory) })
  if ((await lease.acquire()) !== null) return lease
  throw new ExperimentError(
    'refused',
    `${directory} is in use by ${(await lease.holder()) ?? 'another process'}.`,
    'Stop that one, or give each control plane a --data of its own.',
  )
}

/** The files below the data directory, which is held. */
export async function openFileStore(directory: string): Promise<OpenedStore> {
  const lease = await holdDirectory(directory)
  await rm(markOf(directory), { force: true })
  return {
    store: fileStateStore({ directory: statesOf(directory) }),
    hasReplicas: false,
    lease,
    close: () => lease.release(),
  }
}

/**
 * PostgreSQL: several replicas, each with a data directory of its own, of which one acts. `pg` is loaded only here.
 *
 * @param url a connection string; `@FILE` is one that stands in a file, where no list of processes shows it
 */
export async function openPostgresStore(
  url: string,
  directory: string,
  log: (line: string) => void,
): Promise<OpenedStore> {
  const held = await holdDirectory(directory)
  try {
    // Who asks these files what runs must not believe them.
    await writeFile(markOf(directory), '')
    const opened = await connect(url, log)
    return {
      ...opened,
      async close() {
        await opened.close()
        await held.release()
      },
    }
  } catch (error) {
    await held.release()
    throw error
  }
}

async function connect(url: string, log: (line: string) => void): Promise<OpenedStore> {
  const {
    connectPostgres,
    postgresAbortAlarm,
    postgresEventLog,
    postgresHistory,
    postgresLease,
    postgresStateStore,
    postgresTrail,
  } = await import('@fairtrial/rollout/postgres')
  const database = await connectPostgres({ connectionString: await connectionStringOf(url) })
  const lease = postgresLease(database, { holder: `${hostname()}:${process.pid}`, ttlMs: LEADER_TTL_MS })
  let isFit = () => true
  const kept = await keepLease(lease, {
    everyMs: LEADER_TTL_MS / 3,
    isFit: () => isFit(),
    onChange(token, error) {
      if (error !== null) log(`the lease of the leader cannot be asked for: ${error.message}`)
      else log(token === null ? 'another replica leads.' : `this replica leads, by token ${token}.`)
    },
  })
  return {
    store: postgresStateStore(database),
    hasReplicas: true,
    alarm: postgresAbortAlarm(database),
    trailTable: postgresTrail(database),
    historyTable: postgresHistory(database),
    eventLog: postgresEventLog(database, { isEvent: isLogEvent }),
    retainedLog: postgresEventLog(database, { isEvent: isLogEvent, maximumBytes: RETAINED_BYTES }),
    lease,
    leadWhile(asked) {
      isFit = asked
    },
    async close() {
      await kept.stop()
      await database.close()
    },
  }
}

/** Verifies the trail of several replicas. */
export async function verifyPostgresTrail(url: string, kept?: TrailEnd): Promise<TrailVerdict> {
  const { connectPostgres, postgresTrail } = await import('@fairtrial/rollout/postgres')
  const database = await connectPostgres({ connectionString: await connectionStringOf(url) })
  try {
    return await verifyTrailTable(postgresTrail(database), kept)
  } finally {
    await database.close()
  }
}

async function connectionStringOf(url: string): Promise<string> {
  if (!url.startsWith('@')) return url
  const path = url.slice(1)
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    throw new ExperimentError(
      'misconfigured',
      `${path} cannot be read: ${(cause as Error).message}.`,
      'Write a connection string into it: postgres://user:password@host/database.',
      { cause },
    )
  }
}

import { postgresForTests } from '@fairtrial/databases'
import { startProxy } from '@fairtrial/brokers'
import { afterEach, describe, expect, it } from 'vitest'
import { makeExperiment, makeReadiness } from '../../test/fixture.ts'
import { abortRollout } from '../controller/abort-rollout.ts'
import { startRollout } from '../start.ts'
import { leaseContract, stateStoreContract } from '../testing/index.ts'
import { openPhase } from '../transition.ts'
import { connectPostgres } from './database.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations.ts'
import { postgresAbortAlarm } from './postgres-abort-alarm.ts'
import { postgresLease } from './postgres-lease.ts'
import { postgresStateStore } from './postgres-state-store.ts'

const postgres = await postgresForTests()
const experiment = makeExperiment()
const opened = openPhase(experiment, null, startRollout(experiment, { now: 1_000 }), 'controller')
const order = { by: 'ada', reason: 'Complaints from support.', now: 5_000 }

const open: Database[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()))
})

/** A database of its own, or another connection to one. */
async function connect(connectionString?: string, timeoutMs?: number): Promise<Database> {
  const database = await connectPostgres({
    connectionString: connectionString ?? (await postgres.createDatabase()),
    ...(timeoutMs !== undefined && { timeoutMs }),
  })
  open.push(database)
  return database
}

describe.skipIf(postgres.isMissing)('postgresStateStore', () => {
  it.each(stateStoreContract)('$name', async ({ run }) => run(postgresStateStore(await connect())))

  it('keeps transitions and looks for ever: no row is changed or deleted, by nobody', async () => {
    const database = await connect()
    await postgresStateStore(database).compareAndSet(opened, null)
    for (const attack of [
      'UPDATE fairtrial.transitions SET revision = 7',
      'DELETE FROM fairtrial.transitions',
      'TRUNCATE fairtrial.transitions',
      'DELETE FROM fairtrial.looks',
      'DELETE FROM fairtrial.leases',
    ]) {
      await expect(database.query(attack), attack).rejects.toThrow(/appended and never changed/)
    }
    expect(await postgresStateStore(database).read('ranking')).toEqual(opened.to)
  })

  it('reads the state without the readiness report that its transition gave', async () => {
    const database = await connect()
    const store = postgresStateStore(database)
    await store.compareAndSet(opened, null)
    const to = { ...opened.to, revision: 2 }
    const readiness = makeReadiness(experiment, 1)
    await store.compareAndSet({ ...opened, from: opened.to, to, readiness }, 1)
    const answers: unknown[] = []
    const query: Database['query'] = async (...asked) => {
      const rows = await database.query(...asked)
      answers.push(...rows)
      return rows
    }
    expect(await postgresStateStore({ ...database, query }).read('ranking')).toEqual(to)
    expect(JSON.stringify(answers)).not.toContain('was looked at')
    expect((await store.transitions('ranking')).at(-1)?.readiness).toEqual(readiness)
  })

  it('refuses a damaged row, and does not go back to the revision before', async () => {
    const database = await connect()
    const store = postgresStateStore(database)
    await store.compareAndSet(opened, null)
    await database.query(
      `INSERT INTO fairtrial.transitions (experiment, revision, event) VALUES ('ranking', 2, $1)`,
      [JSON.stringify(opened)],
    )
    await expect(store.read('ranking')).rejects.toMatchObject({ code: 'invalid-state' })
  })

  it('tells of changes by whoever, and after a break that some may have been missed', async () => {
    const connectionString = await postgres.createDatabase()
    const [ours, theirs] = [await connect(connectionString), await connect(connectionString)]
    const heard: (string | null)[] = []
    let wake = () => {}
    const stop = await postgresStateStore(ours).watch((experiment) => {
      heard.push(experiment)
      wake()
    })
    const next = () => new Promise<void>((resolve) => (wake = resolve))
    let hearing = next()
    await postgresStateStore(theirs).compareAndSet(opened, null)
    await hearing
    expect(heard).toEqual(['ranking'])
    hearing = next()
    await theirs.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    )
    await hearing
    expect(heard).toEqual(['ranking', null])
    hearing = next()
    await abortRollout(postgresStateStore(theirs), experiment, order)
    await hearing
    expect(heard).toEqual(['ranking', null, 'ranking'])
    await stop()
  })
})

describe.skipIf(postgres.isMissing)('postgresLease', () => {
  it.each(leaseContract)('$name', async ({ run }) => {
    const database = await connect()
    await run({
      store: postgresStateStore(database),
      leaseOf: (holder) => postgresLease(database, { holder, ttlMs: 60_000 }),
      lapse: async () => {
        await database.query('UPDATE fairtrial.leases SET expires_at = clock_timestamp()')
      },
    })
  })

  it('is given up by our own clock before the database does, without asking anybody', async () => {
    let now = 0
    const lease = postgresLease(await connect(), { holder: 'ada', ttlMs: 60_000, monotonic: () => now })
    await lease.acquire()
    now = 59_999
    expect(lease.current()).toBe(1)
    now = 60_000
    expect(lease.current()).toBeNull()
  })

  it('lapses in the database when its holder is silent', async () => {
    const database = await connect()
    await postgresLease(database, { holder: 'ada', ttlMs: 50 }).acquire()
    const bob = postgresLease(database, { holder: 'bob', ttlMs: 50 })
    let granted = await bob.acquire()
    while (granted === null) granted = await bob.acquire()
    expect(granted).toEqual({ token: 2 })
  })
})

describe.skipIf(postgres.isMissing)('connectPostgres', () => {
  it('makes the tables once, however many start at once', async () => {
    const connectionString = await postgres.createDatabase()
    const databases = await Promise.all(Array.from({ length: 6 }, () => connect(connectionString)))
    const rows = await databases[0]!.query('SELECT version FROM fairtrial.migrations')
    expect(rows).toEqual(migrations.map((_, i) => ({ version: i + 1 })))
  })

  it('completes the tables of an earlier release, keeps what they hold, and leaves half a step undone', async () => {
    const database = await connect()
    const store = postgresStateStore(database)
    await store.compareAndSet(opened, null)
    const later = [...migrations, 'CREATE TABLE SCHEMA.later (); SELECT 1 / 0']
    await expect(migrate(database, later)).rejects.toMatchObject({ code: 'io' })
    expect(await database.query("SELECT to_regclass('fairtrial.later') AS later")).toEqual([{ later: null }])
    await migrate(database, [...migrations, 'CREATE TABLE SCHEMA.later ()'])
    expect(await database.query('SELECT count(*)::int AS rows FROM fairtrial.later')).toEqual([{ rows: 0 }])
    expect(await store.read('ranking')).toEqual(opened.to)
    await expect(migrate(database)).rejects.toMatchObject({ code: 'unsupported-version' })
  })

  it('refuses the tables of a later release, and leaves them alone', async () => {
    const connectionString = await postgres.createDatabase()
    const database = await connect(connectionString)
    await database.query('INSERT INTO fairtrial.migrations (version) VALUES (999)')
    await expect(connect(connectionString)).rejects.toMatchObject({
      code: 'unsupported-version',
      message: expect.stringContaining('version 999'),
    })
  })

  it.each(['public; DROP', 'Fair', '', '1st', 'a"b'])('refuses the schema %j', async (schema) => {
    await expect(
      connectPostgres({ connectionString: 'postgresql://127.0.0.1:1/none', schema }),
    ).rejects.toMatchObject({ code: 'invalid-argument' })
  })

  it('tells a server that is not there, and one that lets us not in', async () => {
    await expect(
      connectPostgres({ connectionString: 'postgresql://127.0.0.1:1/none' }),
    ).rejects.toMatchObject({ code: 'unreachable' })
    const nowhere = new URL(await postgres.createDatabase())
    nowhere.pathname = '/nowhere'
    await expect(connectPostgres({ connectionString: nowhere.href })).rejects.toMatchObject({
      code: 'misconfigured',
    })
  })
})

describe.skipIf(postgres.isMissing)('a database that fails', () => {
  it('FAULTS 58: an abort on a read-only database fails loudly, says what to do, and goes through once it can', async () => {
    const connectionString = await postgres.createDatabase()
    await postgresStateStore(await connect(connectionString)).compareAndSet(opened, null)
    const name = new URL(connectionString).pathname.slice(1)
    await open[0]!.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
    // The tables are there: what can be read is served.
    const database = await connect(connectionString)
    const store = postgresStateStore(database)
    expect(await store.read('ranking')).toEqual(opened.to)
    await expect(abortRollout(store, experiment, order)).rejects.toMatchObject({
      code: 'io',
      remedy: expect.stringMatching(/primary.*stop the control planes.*leases end/),
    })
    await expect(postgresLease(database, { holder: 'ada', ttlMs: 1_000 }).acquire()).rejects.toMatchObject({
      code: 'io',
    })
    expect(await store.read('ranking')).toEqual(opened.to)

    // What is not stored can be told: the other replicas hear of it, on a read-only database too.
    const alarm = postgresAbortAlarm(database)
    let tell: (experiment: string) => void = () => {}
    const heard = new Promise<string>((resolve) => (tell = resolve))
    // Ends with the connections, as everything does.
    await postgresAbortAlarm(open[0]!).listen(tell)
    await alarm.ring('ranking')
    expect(await heard).toBe('ranking')

    const admin = await connectPostgres({
      connectionString: `${connectionString}?options=-c%20default_transaction_read_only%3Doff`,
    })
    open.push(admin)
    expect((await abortRollout(postgresStateStore(admin), experiment, order)).state.status).toBe('aborted')
  })

  it('a network that swallows everything is told as unreachable, and the lease ends by our own clock', async () => {
    const url = new URL(await postgres.createDatabase())
    await postgresStateStore(await connect(url.href)).compareAndSet(opened, null)
    const proxy = await startProxy(url.host)
    try {
      url.host = proxy.address
      const database = await connect(url.href, 300)
      let now = 0
      const lease = postgresLease(database, { holder: 'ada', ttlMs: 1_000, monotonic: () => now })
      await lease.acquire()
      proxy.setMode('black-hole')
      const store = postgresStateStore(database)
      await expect(store.read('ranking')).rejects.toMatchObject({ code: 'unreachable' })
      await expect(lease.renew()).rejects.toMatchObject({ code: 'unreachable' })
      expect(lease.current()).toBe(1)
      now = 1_000
      expect(lease.current()).toBeNull()
      proxy.setMode('reset')
      await expect(store.read('ranking')).rejects.toMatchObject({ code: 'unreachable' })
      proxy.setMode('pass')
      expect(await store.read('ranking')).toEqual(opened.to)
    } finally {
      await proxy.stop()
    }
  })
})

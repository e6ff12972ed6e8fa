import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Proxy, startProxy } from '@fairtrial/brokers'
import { connectPostgres as anyPostgres, findPostgres } from '@fairtrial/databases'
import { seededRandom } from '@fairtrial/exposure/testing'
import type { TransitionEvent } from '@fairtrial/protocol'
import { connectPostgres, type Database } from '@fairtrial/rollout/postgres'
import { Reborn } from '../reborn.ts'
import type { ReplicaOptions, Round } from '../replica.ts'
import type { Row, Setting, Suffering } from '../row.ts'
import { SILENT_JOURNAL } from '../silent-trial.ts'

const TTL_MS = 400
const PATIENCE_MS = 60_000
const KINDS = ['stopped', 'killed', 'cut', 'stalled'] as const

/** Two replicas on PostgreSQL, of which the one that leads is stopped, killed, cut off or stands still in each round. */
export const replicas: Row = {
  name: 'replicas',
  faults: [55, 56, 59],
  missing: async () => {
    const found = findPostgres()
    return 'missing' in found && !process.env['DATABASE_URL'] ? found.missing : null
  },
  run: async (setting) => {
    const folder = await mkdtemp(join(tmpdir(), 'fairtrial-torture-'))
    const postgres = await anyPostgres()
    const proxies: Proxy[] = []
    const living: Reborn[] = []
    try {
      const connectionString = await postgres.createDatabase()
      const database = await connectPostgres({ connectionString })
      try {
        return await torture({ folder, connectionString, database, proxies, living, setting })
      } finally {
        for (const replica of living) replica.end()
        await database.close()
      }
    } finally {
      await Promise.all(proxies.map((proxy) => proxy.stop()))
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

interface Scene {
  readonly folder: string
  readonly connectionString: string
  /** Past the proxies. */
  readonly database: Database
  readonly proxies: Proxy[]
  readonly living: Reborn[]
  readonly setting: Setting
}

interface Replica {
  readonly process: Reborn
  readonly proxy: Proxy
}

async function torture(scene: Scene): Promise<Suffering> {
  const { folder, database, setting } = scene
  const rounds = setting.isShort ? 12 : 200
  const random = seededRandom(setting.seed)
  const done = { stopped: 0, killed: 0, cut: 0, stalled: 0 }
  await noteGrants(database)
  // No rollout yet.
  await announce(folder, { key: '', beganAt: Date.now(), victim: '', diesAt: null, stallsAt: null })
  const all = new Map<string, Replica>()
  for (const holder of ['ada', 'bob']) all.set(holder, await bear(scene, holder))

  let lost = 0
  let doubled = 0
  const wrong: string[] = []
  for (let number = 1; number <= rounds; number++) {
    const kind = KINDS[(number - 1) % KINDS.length]!
    const key = `round-${number}`
    const victim = await leaderOf(database)
    const diesAt = kind === 'killed' ? 1 + Math.floor(random() * 40) : null
    const stallsAt = kind === 'stalled' ? 1 + Math.floor(random() * 3) : null
    await announce(folder, { key, beganAt: Date.now(), victim, diesAt, stallsAt })
    await wait(random() * 600)
    await fail(kind, all.get(victim)!, () => takeover(database, victim), random)
    done[kind]++
    const journal = await over(database, key)
    lost += SILENT_JOURNAL.filter((status) => !journal.includes(status)).length
    doubled += journal.length - new Set(journal).size
    if (journal.join() !== SILENT_JOURNAL.join()) wrong.push(`${key}, ${kind}: ${journal.join(', ')}.`)
    setting.progress(`round ${number} of ${rounds}: ${victim} was ${kind}`)
  }
  for (const { process } of all.values()) await process.stop()

  const [told] = await database.query(STALE)
  const { transitions, stale } = told as { transitions: number; stale: number }
  // Whoever was stopped has had time to act on what it last knew.
  if (transitions !== rounds * SILENT_JOURNAL.length)
    wrong.push(`${rounds} rounds have made ${transitions} transitions.`)
  if (stale > 0) wrong.push(`${stale} transitions are from a leader that was none any more.`)
  const refused = existsSync(join(folder, 'refused'))
    ? (await readFile(join(folder, 'refused'), 'utf8')).trim().split('\n').length
    : 0
  const faults = KINDS.map((kind) => `${done[kind]} ${kind}`).join(', ')
  return {
    done: `${rounds} rounds: the leader ${faults}; ${transitions} transitions, ${stale} stale, ${refused} stale refused`,
    acknowledged: transitions,
    lost,
    doubled,
    wrong,
  }
}

async function bear({ folder, connectionString, proxies, living }: Scene, holder: string): Promise<Replica> {
  const url = new URL(connectionString)
  const proxy = await startProxy(url.host)
  proxies.push(proxy)
  url.host = proxy.address
  const process = new Reborn(
    'replica.ts',
    (): ReplicaOptions => ({
      holder,
      connectionString: url.href,
      ttlMs: TTL_MS,
      round: join(folder, 'round.json'),
      refused: join(folder, 'refused'),
    }),
  )
  living.push(process)
  await process.begin()
  return { process, proxy }
}

async function fail(
  kind: (typeof KINDS)[number],
  { process, proxy }: Replica,
  takeover: () => Promise<void>,
  random: () => number,
): Promise<void> {
  if (kind === 'stopped') {
    process.signal('SIGSTOP')
    await takeover()
    await wait(random() * 300)
    process.signal('SIGCONT')
  }
  if (kind === 'cut') {
    proxy.setMode('black-hole')
    await takeover()
    await wait(random() * 300)
    proxy.setMode('pass')
  }
}

async function announce(folder: string, round: Round): Promise<void> {
  const path = join(folder, 'round.json')
  await writeFile(`${path}.draft`, JSON.stringify(round))
  await rename(`${path}.draft`, path)
}

async function leaderOf(database: Database): Promise<string> {
  return until('somebody leads', async () => {
    const [row] = await database.query(
      'SELECT holder FROM fairtrial.leases WHERE expires_at > clock_timestamp()',
    )
    return row?.['holder'] as string | undefined
  })
}

async function takeover(database: Database, victim: string): Promise<void> {
  await until('another leads', async () => (await leaderOf(database)) !== victim || undefined)
}

/** The statuses of a rollout, once it is over and nothing can come any more but a second end. */
async function over(database: Database, key: string): Promise<string[]> {
  const read = async () => {
    const rows = await database.query(
      'SELECT event FROM fairtrial.transitions WHERE experiment = $1 ORDER BY revision',
      [key],
    )
    return rows.map(({ event }) => (event as TransitionEvent).to.status as string)
  }
  await until(`${key} is over`, async () => (await read()).includes('aborted') || undefined)
  return read()
}

async function until<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
  for (const began = Date.now(); Date.now() - began < PATIENCE_MS; await wait(10)) {
    const found = await find()
    if (found !== undefined) return found
  }
  throw new Error(`After ${PATIENCE_MS} ms it is not so that ${what}.`)
}

/** Has the database itself note when each lease was granted: what is stored later by an older token is stale. */
async function noteGrants(database: Database): Promise<void> {
  await database.query(`
    CREATE TABLE grants (token bigint PRIMARY KEY, granted_at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE FUNCTION note_grant() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO grants (token) VALUES (NEW.token) ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$;
    CREATE TRIGGER note_grant AFTER INSERT OR UPDATE ON fairtrial.leases
      FOR EACH ROW EXECUTE FUNCTION note_grant()`)
}

const STALE = `
  SELECT count(*)::int AS transitions,
    (count(*) FILTER (WHERE EXISTS (
      SELECT FROM grants WHERE grants.token > t.fence AND grants.granted_at < t.stored_at)))::int AS stale
  FROM fairtrial.transitions t`

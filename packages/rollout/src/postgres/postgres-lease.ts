import { monotonicTime } from '../controller/clock.ts'
import type { LeaderLease } from '../controller/leader-lease.ts'
import type { Database } from './database.ts'

/**
 * A lease in PostgreSQL, by the clock of the database: no two machines need to agree on the time. What is measured here
 * is only how long ago we asked, so that we give the lease up before the database does.
 *
 * @param options.holder who we are, for people; a token tells leases apart, not this
 * @param options.ttlMs how long it lasts without a renewal: as long may nobody lead after a leader has died
 * @param options.name default `controller`
 * @param options.monotonic milliseconds that only grow. Default: the machine's
 */
export function postgresLease(
  { query, schema }: Database,
  options: {
    readonly holder: string
    readonly ttlMs: number
    readonly name?: string
    readonly monotonic?: () => number
  },
): LeaderLease {
  const { holder, ttlMs, name = 'controller', monotonic = monotonicTime } = options
  let held: { readonly token: number; readonly endsAt: number } | null = null

  const current = () => (held !== null && monotonic() < held.endsAt ? held.token : null)

  async function renew(): Promise<boolean> {
    if (held === null) return false
    const { token } = held
    const askedAt = monotonic()
    const rows = await query(
      `UPDATE ${schema}.leases SET expires_at = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE name = $1 AND token = $2 AND expires_at > clock_timestamp() RETURNING token`,
      [name, token, ttlMs],
    )
    held = rows.length > 0 ? { token, endsAt: askedAt + ttlMs } : null
    return held !== null
  }

  return {
    current,
    renew,
    async acquire() {
      if (current() !== null && (await renew()) && held !== null) return { token: held.token }
      held = null
      const askedAt = monotonic()
      const [row] = await query(
        `INSERT INTO ${schema}.leases AS lease (name, token, holder, expires_at)
         VALUES ($1, 1, $2, clock_timestamp() + $3 * interval '1 millisecond')
         ON CONFLICT (name) DO UPDATE
           SET token = lease.token + 1, holder = excluded.holder,
               expires_at = clock_timestamp() + $3 * interval '1 millisecond'
           WHERE lease.expires_at <= clock_timestamp()
         RETURNING token`,
        [name, holder, ttlMs],
      )
      if (row === undefined) return null
      const token = Number(row.token)
      held = { token, endsAt: askedAt + ttlMs }
      return { token }
    },
    async release() {
      if (held === null) return
      const { token } = held
      held = null
      await query(
        `UPDATE ${schema}.leases SET expires_at = clock_timestamp() WHERE name = $1 AND token = $2`,
        [name, token],
      )
    },
  }
}

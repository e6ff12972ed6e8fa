import type { Database, PostgresClient, PostgresPool } from './database.ts'
import { tellingErrors } from './telling-errors.ts'

/** How long to wait before a connection that broke is made again. */
const RECONNECT_MS = 500
/** How often a connection on which nothing comes is asked whether it is one. */
const HEARTBEAT_MS = 10_000

const listening = new WeakMap<PostgresPool, Set<() => void>>()

/** Ends all listening on a pool, which would otherwise wait for its connections for ever. */
export function endListening(pool: PostgresPool): void {
  for (const end of listening.get(pool) ?? []) end()
}

/**
 * Listens on a connection of its own, which is made again when it breaks: that something may have come meanwhile is told
 * as null.
 *
 * @param channel what follows the schema in the channel's name; a constant
 */
export async function listen(
  { pool, schema }: Database,
  channel: 'changed' | 'abort',
  onTold: (payload: string | null) => void,
): Promise<() => Promise<void>> {
  let connection: PostgresClient | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let isOver = false

  async function begin(): Promise<void> {
    const client = await pool.connect()
    if (isOver) return client.release(true)
    connection = client
    // Of an error and an end, both of which a break may bring, the first counts.
    const lose = () => {
      if (connection !== client) return
      leave(client)
      later(RECONNECT_MS, reconnect)
    }
    client.on('error', lose)
    client.on('end', lose)
    client.on('notification', ({ payload }) => onTold(payload ?? null))
    try {
      await client.query(`LISTEN ${schema}_${channel}`)
    } catch (error) {
      leave(client)
      throw error
    }
    const beat = () => later(HEARTBEAT_MS, () => void client.query('SELECT').then(beat, lose))
    beat()
  }

  function leave(client: PostgresClient): void {
    if (connection === client) client.release(true)
    connection = null
  }

  function reconnect(): void {
    begin().then(
      () => onTold(null),
      () => later(RECONNECT_MS, reconnect),
    )
  }

  function later(ms: number, act: () => void): void {
    if (timer !== null) clearTimeout(timer)
    timer = isOver ? null : setTimeout(act, ms)
  }

  function end(): void {
    isOver = true
    listening.get(pool)?.delete(end)
    if (timer !== null) clearTimeout(timer)
    if (connection !== null) leave(connection)
  }

  await tellingErrors(begin)
  listening.set(pool, (listening.get(pool) ?? new Set()).add(end))
  return async () => end()
}

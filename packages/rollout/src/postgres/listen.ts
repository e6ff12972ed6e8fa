import type { Database, PostgresClient } from './database.ts'
import { tellingErrors } from './telling-errors.ts'

/** How long to wait before a connection that broke is made again. */
const RECONNECT_MS = 500
/** How often a connection on which nothing comes is asked whether it is one. */
const HEARTBEAT_MS = 10_000

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
  let listening: PostgresClient | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let isOver = false

  async function begin(): Promise<void> {
    const client = await pool.connect()
    if (isOver) return client.release(true)
    listening = client
    // Of an error and an end, both of which a break may bring, the first counts.
    const lose = () => {
      if (listening !== client) return
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
    if (listening === client) client.release(true)
    listening = null
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

  await tellingErrors(begin)
  return async () => {
    isOver = true
    if (timer !== null) clearTimeout(timer)
    if (listening !== null) leave(listening)
  }
}

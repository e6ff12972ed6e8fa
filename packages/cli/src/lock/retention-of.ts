import { basename, dirname, join } from 'node:path'
import { readRetentionRecord } from '@fairtrial/exposure/segments'
import type { LockedInput } from '@fairtrial/protocol'

/**
 * That a segment which a lock names has gone by retention, in a sentence; null where nothing beside it says so.
 *
 * @param folder of the lock
 */
export async function retentionOf(
  folder: string,
  { source, upTo, sha256 }: LockedInput,
): Promise<string | null> {
  const path = join(folder, source)
  const record = await readRetentionRecord(dirname(path)).catch(() => [])
  const gone = record.findLast(({ name }) => name === basename(path))
  if (gone === undefined) return null
  const day = new Date(gone.removedAt).toISOString().slice(0, 10)
  const went = `${source} went by retention on ${day}, by ${gone.by}`
  if (gone.bytes !== upTo) return `${went}; it had grown to ${gone.bytes} bytes since it was locked.`
  return gone.sha256 === sha256
    ? `${went}, with the very bytes that were locked.`
    : `${went}, with other bytes than those that were locked.`
}

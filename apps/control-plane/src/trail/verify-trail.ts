import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrailEntry } from '@fairtrial/rollout'
import { readLink, type TrailEnd } from './chain.ts'
import { wholeLines } from './whole-lines.ts'

/** What became of a trail. */
export interface TrailVerdict {
  /** Whether each entry is what was written, and follows the one before it. */
  readonly holds: boolean
  /** Entries that hold: all, or those before the first that does not. */
  readonly entries: number
  /** The last that holds. A trail whose end was cut off holds: only who kept this elsewhere can tell. */
  readonly last: TrailEnd | null
  /** The first that does not. */
  readonly broken: { readonly line: number; readonly why: string } | null
  /** Behind the last line: of an entry whose writing was interrupted, and which nobody was told of. */
  readonly tornBytes: number
}

/** The trail of a data directory. */
export function trailPath(directory: string): string {
  return join(directory, 'trail', 'trail.ndjson')
}

/**
 * Reads a trail from its first entry to its last, and tells the first that does not hold. One that is not there has no
 * entries.
 *
 * @param directory the data directory of a control plane
 * @param onEntry told of each entry that holds, and where its line stands
 */
export async function verifyTrail(
  directory: string,
  onEntry?: (entry: TrailEntry, line: { readonly offset: number; readonly bytes: number }) => void,
): Promise<TrailVerdict> {
  const path = trailPath(directory)
  let last: TrailEnd | null = null
  let entries = 0
  let end = 0
  for await (const { bytes, offset } of wholeLines(path)) {
    const entry = readLink(Buffer.from(bytes).toString(), last)
    if ('why' in entry) {
      return { holds: false, entries, last, broken: { line: entries + 1, why: entry.why }, tornBytes: 0 }
    }
    onEntry?.(entry, { offset, bytes: bytes.length })
    last = { sequence: entry.sequence, hash: entry.hash }
    entries += 1
    end = offset + bytes.length + 1
  }
  return { holds: true, entries, last, broken: null, tornBytes: (await sizeOf(path)) - end }
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return { size: 0 }
    throw cause
  })
  return found.size
}

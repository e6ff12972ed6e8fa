import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrailEntry } from '@fairtrial/rollout'
import type { TrailTable } from '@fairtrial/rollout/postgres'
import { readLink, type TrailEnd } from './chain.ts'
import { wholeLines } from './whole-lines.ts'

const PAGE = 1_000

/** What became of a trail. */
export interface TrailVerdict {
  /** Whether each entry is what was written, and follows the one before it. */
  readonly holds: boolean
  /** Entries that hold: all, or those before the first that does not. */
  readonly entries: number
  /** The last that holds. A trail whose end was cut off, or written anew, holds: only who kept this elsewhere can tell. */
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
 * Reads the trail of a data directory from its first entry to its last, and tells the first that does not hold. One that
 * is not there has no entries.
 *
 * @param onEntry told of each entry that holds, and where its line stands
 * @param kept an end that was kept elsewhere: the trail holds only if that entry is still in it
 */
export async function verifyTrail(
  directory: string,
  onEntry?: (entry: TrailEntry, line: { readonly offset: number; readonly bytes: number }) => void,
  kept: TrailEnd | null = null,
): Promise<TrailVerdict> {
  const path = trailPath(directory)
  let end = 0
  const verdict = await verifyLines(wholeLines(path), kept, ({ bytes, offset }, entry) => {
    onEntry?.(entry, { offset, bytes: bytes.length })
    end = offset + bytes.length + 1
  })
  return { ...verdict, tornBytes: verdict.holds ? (await sizeOf(path)) - end : 0 }
}

/** The same of the trail of several replicas. */
export async function verifyTrailTable(
  table: Pick<TrailTable, 'after'>,
  kept: TrailEnd | null = null,
): Promise<TrailVerdict> {
  return { ...(await verifyLines(linesOf(table), kept)), tornBytes: 0 }
}

async function* linesOf(table: Pick<TrailTable, 'after'>): AsyncGenerator<{ readonly bytes: Uint8Array }> {
  for (let last = 0; ; ) {
    const lines = await table.after(last, PAGE)
    for (const { line } of lines) yield { bytes: Buffer.from(line) }
    if (lines.length < PAGE) return
    last = lines.at(-1)?.sequence ?? last
  }
}

async function verifyLines<Line extends { readonly bytes: Uint8Array }>(
  lines: AsyncIterable<Line>,
  kept: TrailEnd | null,
  onEntry?: (line: Line, entry: TrailEntry) => void,
): Promise<Omit<TrailVerdict, 'tornBytes'>> {
  let last: TrailEnd | null = null
  let entries = 0
  const brokenHere = (why: string) => ({
    holds: false,
    entries,
    last,
    broken: { line: entries + 1, why },
  })
  for await (const line of lines) {
    const entry = readLink(Buffer.from(line.bytes).toString(), last)
    if ('why' in entry) return brokenHere(entry.why)
    if (entry.sequence === kept?.sequence && entry.hash !== kept.hash) {
      return brokenHere('its hash is not the one that was kept: it was written anew, or one before it')
    }
    onEntry?.(line, entry)
    last = { sequence: entry.sequence, hash: entry.hash }
    entries += 1
  }
  if (kept !== null && kept.sequence > entries) {
    return brokenHere(`nothing is left, and the hash of entry ${kept.sequence} was kept: the end was cut off`)
  }
  return { holds: true, entries, last, broken: null }
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return { size: 0 }
    throw cause
  })
  return found.size
}

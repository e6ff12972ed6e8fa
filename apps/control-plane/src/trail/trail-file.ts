import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol'
import type { TrailEntry } from '@fairtrial/rollout'
import { chain, lineOf, readLink } from './chain.ts'
import { markOf, type TrailMark, type TrailStore } from './trail-store.ts'
import { trailPath, verifyTrail } from './verify-trail.ts'

interface Place {
  readonly offset: number
  /** Without the line feed. */
  readonly bytes: number
  readonly hash: string
}

/**
 * Opens the trail of a data directory, of one writer. What an interrupted writer left behind the last entry is cut off, and told.
 *
 * @throws ExperimentError `invalid-state` where an entry does not hold, `io` where the file cannot be opened
 */
export async function openTrailFile(directory: string, log: (line: string) => void): Promise<TrailStore> {
  const path = trailPath(directory)
  const marks: TrailMark[] = []
  const places: Place[] = []
  const { holds, broken, tornBytes, ...verdict } = await verifyTrail(directory, (entry, place) => {
    marks.push(markOf(entry))
    places.push({ ...place, hash: entry.hash })
  }).catch((cause: Error) => Promise.reject(cannotOpen(path, cause)))
  if (!holds) {
    throw new ExperimentError(
      'invalid-state',
      `The trail ${path} does not hold: of line ${broken?.line}, ${broken?.why}.`,
      'Find out who changed it. Restore it from a backup, or keep it elsewhere and begin a new one.',
    )
  }
  let last = verdict.last
  const lastPlace = places.at(-1)
  let size = lastPlace === undefined ? 0 : lastPlace.offset + lastPlace.bytes + 1
  // Not in append mode: what a failed write left behind is written over, and never read.
  const file = await openForWriting(path).catch((cause: Error) => Promise.reject(cannotOpen(path, cause)))
  if (tornBytes > 0) {
    await file.truncate(size)
    await file.sync()
    log(`trail: ${tornBytes} bytes of an entry whose writing was interrupted were cut off.`)
  }

  return {
    marks,
    get last() {
      return last
    },
    // Nobody else appends.
    refresh: async () => undefined,
    async append(facts) {
      const entries: TrailEntry[] = []
      for (const fact of facts) entries.push(chain(entries.at(-1) ?? last, fact))
      const lines = entries.map((entry) => Buffer.from(lineOf(entry)))
      const bytes = Buffer.concat(lines)
      const found = await file.stat()
      if (found.nlink === 0) throw new Error(`${path} was removed`)
      // Filled up with zeros it would still be what somebody cut.
      if (found.size < size) throw new Error(`${path} was cut from ${size} to ${found.size} bytes`)
      if (found.size > size) await file.truncate(size)
      const { bytesWritten } = await file.write(bytes, 0, bytes.length, size)
      // What a disk that gets full does first.
      if (bytesWritten !== bytes.length)
        throw new Error(`${path} took ${bytesWritten} of ${bytes.length} bytes`)
      await file.sync()
      for (const [i, entry] of entries.entries()) {
        const length = lines[i]?.length ?? 0
        places.push({ offset: size, bytes: length - 1, hash: entry.hash })
        marks.push(markOf(entry))
        size += length
        last = { sequence: entry.sequence, hash: entry.hash }
      }
      return entries
    },
    async read(sequence) {
      const place = places[sequence - 1]
      if (place === undefined) throw new RangeError(`There is no entry ${sequence}.`)
      const bytes = Buffer.allocUnsafe(place.bytes)
      await file.read(bytes, 0, place.bytes, place.offset)
      const before = places[sequence - 2]
      const entry = readLink(
        bytes.toString(),
        before === undefined ? null : { sequence: sequence - 1, hash: before.hash },
      )
      if ('why' in entry || entry.hash !== place.hash) throw changedSince(path, sequence)
      return entry
    },
    close: () => file.close(),
  }
}

/** Made with its folder where it is not there; both names are durable then. */
async function openForWriting(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
  }
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, 'wx+')
  for (const folder of [dirname(path), dirname(dirname(path))]) {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
  return file
}

function changedSince(path: string, sequence: number): ExperimentError {
  return new ExperimentError(
    'invalid-state',
    `Entry ${sequence} of ${path} was changed since it was written.`,
    'Verify the trail, and find out who changed it.',
  )
}

function cannotOpen(path: string, cause: Error): ExperimentError {
  return new ExperimentError(
    'io',
    `The trail ${path} cannot be opened: ${cause.message}.`,
    'Look for permissions and space.',
    { cause },
  )
}

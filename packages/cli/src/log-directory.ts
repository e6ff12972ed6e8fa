import { stat } from 'node:fs/promises'
import { readSegments, type SegmentCursor, type SegmentRead } from '@fairtrial/exposure/segments'
import { ExperimentError } from '@fairtrial/protocol'

/**
 * Reads a log from its beginning to its end, in pieces of bounded size.
 *
 * @param until bytes by file, where it is read only as far as that
 * @throws ExperimentError as `requireDirectory`
 */
export async function* readLog(
  directory: string,
  until?: SegmentCursor['files'],
): AsyncGenerator<SegmentRead> {
  await requireDirectory(directory)
  let cursor: SegmentCursor | undefined
  for (;;) {
    const read = await readSegments(directory, cursor, until && { until: { files: until } })
    yield read
    if (!read.more) return
    cursor = read.cursor
  }
}

/**
 * @param option that named it
 * @throws ExperimentError `invalid-argument` where there is no such directory: a log that is not there must
 *   not pass for an empty one
 */
export async function requireDirectory(directory: string, option = '--log'): Promise<void> {
  const found = await stat(directory).catch(() => null)
  if (found?.isDirectory()) return
  throw new ExperimentError(
    'invalid-argument',
    `${option} ${directory} is ${found ? 'no directory' : 'not there'}.`,
    'Give the directory of the segments.',
  )
}

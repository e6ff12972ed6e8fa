import { open } from 'node:fs/promises'
import { ExperimentError } from '@fairtrial/protocol/error'

/** A file larger than this is refused before it is parsed. */
const MAXIMUM_BYTES = 5_000_000

/** Which version of a file this is: another one has another place, size or time of change. */
export interface JsonFile {
  readonly version: string
  /** Undefined where the version is the one that is known. */
  readonly content?: unknown
}

/**
 * A JSON file, read whole from one handle: what a writer renames over it meanwhile does not mix in.
 *
 * @throws ExperimentError `io` where it cannot be read, `invalid-state` where it is too large or no JSON
 */
export async function readJsonFile(path: string, knownVersion: string | null): Promise<JsonFile> {
  const { version, text } = await readText(path, knownVersion)
  if (text === null) return { version }
  try {
    return { version, content: JSON.parse(text) as unknown }
  } catch (cause) {
    throw new ExperimentError(
      'invalid-state',
      `${placeOf(path, text, cause as Error)}: ${(cause as Error).message}.`,
      'Write the file under another name and rename it into place, so that nobody reads half of it.',
      { cause },
    )
  }
}

async function readText(path: string, knownVersion: string | null) {
  try {
    const file = await open(path)
    try {
      const { ino, size, mtimeNs, ctimeNs } = await file.stat({ bigint: true })
      const version = [ino, size, mtimeNs, ctimeNs].join(':')
      if (version === knownVersion) return { version, text: null }
      if (size > MAXIMUM_BYTES) throw tooLarge(path, size)
      return { version, text: await file.readFile('utf8') }
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof ExperimentError) throw cause
    throw new ExperimentError(
      'io',
      `${path} cannot be read: ${(cause as Error).message}.`,
      'See that the file exists and that this process may read it.',
      { cause },
    )
  }
}

function tooLarge(path: string, size: bigint): ExperimentError {
  return new ExperimentError(
    'invalid-state',
    `${path} has ${size} bytes, and at most ${MAXIMUM_BYTES} are read.`,
    'Take finished experiments out of it.',
  )
}

/** The engine names a position, or that the text ended too soon; where it names neither, neither do we. */
function placeOf(path: string, text: string, { message }: Error): string {
  const named = /at position (\d+)/.exec(message)?.[1]
  const position = named === undefined ? text.length : Number(named)
  if (named === undefined && !message.includes('end of JSON')) return path
  const before = text.slice(0, position).split('\n')
  return `${path}:${before.length}:${(before.at(-1) ?? '').length + 1}`
}

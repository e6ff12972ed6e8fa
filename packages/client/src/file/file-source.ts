import { refuseNoDuration, refuseNoText } from '../refusals.ts'
import type { StateSource } from '../source.ts'
import { readJsonFile } from './json-file.ts'

/** Which file, and how often to look. */
export interface FileSourceOptions {
  readonly path: string
  /** Milliseconds from one look to the next. Default 1,000. */
  readonly pollMs?: number
}

/**
 * The snapshot in a file that an issuer on this machine writes: read again whenever it changes. Its lease runs by
 * the wall clock that both share, so the issuer renews it by writing the file anew.
 *
 * @throws ExperimentError `invalid-argument` for no path, or a time that is none
 */
export function fileSource({ path, pollMs = 1_000 }: FileSourceOptions): StateSource {
  refuseNoText('fileSource.path', path, 'Give the file that the issuer writes; it need not be there yet.')
  refuseNoDuration('fileSource.pollMs', pollMs)
  return {
    pollMs,
    maximumBackoffMs: pollMs,
    async read({ tag }) {
      const { version, content } = await readJsonFile(path, tag)
      return content === undefined ? {} : { snapshot: content, tag: version, sameClock: true }
    },
  }
}

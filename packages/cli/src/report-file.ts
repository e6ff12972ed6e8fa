import { readFile } from 'node:fs/promises'
import { ExperimentError, type JsonObject, ReadinessReport } from '@fairtrial/protocol'

/**
 * A readiness report from the file that `fairtrial ready` has written.
 *
 * @throws ExperimentError `invalid-argument` for a file that cannot be read, or holds something else
 */
export async function readReportFile(file: string): Promise<JsonObject> {
  const refuse = (why: string, cause?: unknown) =>
    new ExperimentError(
      'invalid-argument',
      `--report ${file} ${why}.`,
      'Give the file that `fairtrial ready --out` has written.',
      { cause },
    )
  let document: unknown
  try {
    document = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw refuse(`cannot be read: ${(cause as Error).message}`, cause)
  }
  const report = ReadinessReport.safeParse(document)
  if (!report.success) throw refuse('holds no readiness report')
  return document as JsonObject
}

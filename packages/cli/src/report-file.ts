import { readFile } from 'node:fs/promises'
import { ExperimentError, type JsonObject, ReadinessReport } from '@fairtrial/protocol'
import { asSentence } from '@fairtrial/rollout'

/**
 * A readiness report from the file that `fairtrial ready` has written.
 *
 * @throws ExperimentError `invalid-argument` for a file that cannot be read, or holds something else
 */
export async function readReportFile(file: string): Promise<JsonObject> {
  const refuse = (why: string, cause?: unknown) =>
    new ExperimentError(
      'invalid-argument',
      `--report ${file} ${asSentence(why)}`,
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
  if (!report.success) throw refuse(`holds no readiness report: ${problemsOf(report.error.issues, document)}`)
  return document as JsonObject
}

/** Each field that is wrong, with what it must be, and what it is. */
function problemsOf(issues: readonly Issue[], document: unknown): string {
  const told = issues.map(({ path, message }) => {
    const sentence = `${path.join('.') || 'all'}: ${asSentence(message)}`
    const value = path.reduce<unknown>(
      (within, key) => (within as { readonly [key: PropertyKey]: unknown } | null | undefined)?.[key],
      document,
    )
    const isShort = value === null || ['boolean', 'number', 'string'].includes(typeof value)
    return isShort ? `${sentence} It is ${JSON.stringify(value)}.` : sentence
  })
  return told.slice(0, 5).join(' ')
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

import { readFile } from 'node:fs/promises'
import { ContractReport, ExperimentError } from '@fairtrial/protocol'

/**
 * Null where there is no such file: a contract test that fails writes none.
 *
 * @throws ExperimentError `invalid-argument` for a file that cannot be read, or holds something else
 */
export async function readContractReport(path: string): Promise<ContractReport | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new ExperimentError(
      'invalid-argument',
      `--contract ${path} cannot be read: ${message}.`,
      'See to its permissions.',
      { cause },
    )
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    // Told below.
  }
  const report = ContractReport.safeParse(document)
  if (report.success) return report.data
  throw new ExperimentError(
    'invalid-argument',
    `--contract ${path} holds no report of a contract test.`,
    'Give what contractReport of @fairtrial/client/testing has made, as JSON.',
  )
}

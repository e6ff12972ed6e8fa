import { readFile } from 'node:fs/promises'
import { ExperimentError, LookLedger } from '@fairtrial/protocol'
import { writeDocument } from './document-file.ts'

/**
 * The looks that an analysis before has left in a file; none where there is no such file yet.
 *
 * @throws ExperimentError `invalid-argument` for a file that holds something else, `io` for one that cannot be read
 */
export async function readLookFile(path: string): Promise<LookLedger | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new ExperimentError(
      'io',
      `${path} cannot be read: ${(cause as Error).message}.`,
      'See to its permissions.',
      {
        cause,
      },
    )
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    // Told below.
  }
  const ledger = LookLedger.safeParse(document)
  if (ledger.success) return ledger.data
  throw new ExperimentError(
    'invalid-argument',
    `${path} holds no look ledger.`,
    'Give the file that --looks wrote before, or a new name for the first look.',
  )
}

/**
 * Replaces the file whole: one that is half written would let alpha be spent twice.
 *
 * @param before what was read: somebody else's look in between is not overwritten
 * @throws ExperimentError `revision-conflict` where there is one, `io` where the file cannot be written
 */
export async function writeLookFile(
  path: string,
  ledger: LookLedger,
  before: LookLedger | undefined,
): Promise<void> {
  if (JSON.stringify(await readLookFile(path)) !== JSON.stringify(before)) {
    throw new ExperimentError(
      'revision-conflict',
      `${path} has changed since it was read: another analysis has looked meanwhile. This look has not been recorded.`,
      'Look again.',
    )
  }
  await writeDocument(path, ledger, { otherwise: 'The look has not been recorded: look again.' })
}

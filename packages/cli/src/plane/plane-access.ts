import { readFile } from 'node:fs/promises'
import { ExperimentError } from '@fairtrial/protocol'

/** Where a control plane is, and who asks. */
export interface PlaneAccess {
  readonly url: string
  /** Null on the plane's own machine, where none is needed. */
  readonly token: string | null
}

/** As a command line has it. */
export interface PlaneOptions {
  readonly url: string
  /** File of the token. Without it the variable FAIRTRIAL_TOKEN, where it is set. */
  readonly tokenFile?: string
}

/**
 * A token is never an argument: arguments are read by everybody on the machine.
 *
 * @throws ExperimentError `invalid-argument` for a file that cannot be read, or holds no token
 */
export async function planeAccess(
  { url, tokenFile }: PlaneOptions,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<PlaneAccess> {
  const given = tokenFile === undefined ? environment['FAIRTRIAL_TOKEN'] : await readToken(tokenFile)
  const token = given?.trim() || null
  if (token !== null && !/^[\x21-\x7e]+$/.test(token)) {
    throw new ExperimentError(
      'invalid-argument',
      `What ${tokenFile ?? 'FAIRTRIAL_TOKEN'} holds is no token.`,
      'A token is one word of ASCII characters.',
    )
  }
  return { url: url.replace(/\/+$/, ''), token }
}

async function readToken(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    if (text.trim() !== '') return text
  } catch (cause) {
    throw new ExperimentError(
      'invalid-argument',
      `--token-file ${file} cannot be read: ${(cause as Error).message}.`,
      'Check the path.',
      { cause },
    )
  }
  throw new ExperimentError('invalid-argument', `--token-file ${file} is empty.`, 'Write the token into it.')
}

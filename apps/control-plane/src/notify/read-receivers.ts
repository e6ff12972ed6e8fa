import { readFile } from 'node:fs/promises'
import { ExperimentError } from '@fairtrial/protocol'
import type { Receiver } from './notifier.ts'

/** Shorter ones can be guessed. */
const SHORTEST_SECRET = 16

/** Receivers with what stands in files: the URL of a chat's webhook is a secret, and a command line is none. */
export async function readReceivers(receivers: readonly Receiver[]): Promise<readonly Receiver[]> {
  return Promise.all(
    receivers.map(async ({ url, shape }) => ({
      url: url.startsWith('@') ? await readSecret(url.slice(1)) : url,
      shape,
    })),
  )
}

/** @throws ExperimentError `io` where the file cannot be read, `invalid-argument` for a secret that is too short */
export async function readSigningSecret(file: string): Promise<string> {
  const secret = await readSecret(file)
  if (secret.length >= SHORTEST_SECRET) return secret
  throw new ExperimentError(
    'invalid-argument',
    `The secret in ${file} has ${secret.length} characters.`,
    `Give at least ${SHORTEST_SECRET}, as \`openssl rand -hex 32\` makes them.`,
  )
}

async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw new ExperimentError(
      'io',
      `${file} cannot be read: ${(cause as Error).message}.`,
      'Check the path.',
      {
        cause,
      },
    )
  }
}

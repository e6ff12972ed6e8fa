import type { Readable } from 'node:stream'
import { ExperimentError } from '@fairtrial/protocol'

/**
 * The lines of a stream, ended by line feeds alone: other line separators may be part of an id.
 *
 * @throws ExperimentError `invalid-argument` for bytes that are not UTF-8, which would collapse into one id
 */
export async function* readLines(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  let number = 0
  try {
    for await (const chunk of stream) {
      const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n')
      rest = parts.pop() ?? ''
      for (const line of parts) {
        number += 1
        yield line
      }
    }
    rest += decoder.decode()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new ExperimentError(
      'invalid-argument',
      `The input is not UTF-8 somewhere after line ${number}.`,
      'Give ids as UTF-8 text, a line each.',
      { cause: error },
    )
  }
  if (rest !== '') yield rest
}

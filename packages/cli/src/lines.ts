import type { Readable } from 'node:stream'
import { ExperimentError } from '@fairtrial/protocol'

/** What is longer is no line: no id and no text to hash, but a stream without line feeds. */
const LONGEST_LINE = 4 * 1024 * 1024

/**
 * The lines of a stream, all that arrive together at a time. They end with line feeds alone: other separators may
 * be part of an id.
 *
 * @throws ExperimentError `invalid-argument` for bytes that are not UTF-8, which would collapse into one id
 */
export async function* readLines(stream: Readable): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  let number = 0
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch (error) {
      throw refusal(`The input is not UTF-8 somewhere after line ${number}.`, error)
    }
  }
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    const lines = (rest + decode(chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE) throw refusal(`Line ${number + lines.length + 1} has no end.`)
    number += lines.length
    if (lines.length > 0) yield lines
  }
  rest += decode()
  if (rest !== '') yield [rest]
}

function refusal(message: string, cause?: unknown): ExperimentError {
  return new ExperimentError('invalid-argument', message, 'Give UTF-8 text, one to a line.', { cause })
}

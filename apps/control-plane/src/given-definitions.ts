import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { type Experiment, ExperimentError, parseDefinition } from '@fairtrial/protocol'
import { STDIN } from './arguments.ts'

/**
 * Reads every definition that was named, in order.
 *
 * @throws ExperimentError `unreadable-definition`, `invalid-definition`
 */
export async function readDefinitions(
  named: readonly string[],
  stdin: NodeJS.ReadableStream,
): Promise<readonly Experiment[]> {
  const read = (name: string) => (name === STDIN ? readList(stdin) : readOne(name))
  return (await Promise.all(named.map(read))).flat()
}

async function readOne(file: string): Promise<readonly Experiment[]> {
  const value = await json(file, () => readFile(file, 'utf8'))
  return [parseDefinition(value)]
}

/** One line, so that stdin may stay open behind it. */
async function readList(stdin: NodeJS.ReadableStream): Promise<readonly Experiment[]> {
  const lines = createInterface({ input: stdin })
  const list = await json('What stands on stdin', async () => {
    const [line = ''] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as [string?]
    return line
  })
  lines.close()
  return (Array.isArray(list) ? list : [list]).map(parseDefinition)
}

async function json(what: string, read: () => Promise<string>): Promise<unknown> {
  try {
    return JSON.parse(await read())
  } catch (cause) {
    throw new ExperimentError(
      'unreadable-definition',
      `${what} is not JSON: ${(cause as Error).message}.`,
      'The control plane takes JSON; `fairtrial check` reads the other forms.',
      { cause },
    )
  }
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDefinitions } from '../definition-file.ts'

/** Arguments in which every definition is a JSON file, and what takes these files away again. */
export interface HandedOver {
  readonly args: readonly string[]
  remove(): Promise<void>
}

/**
 * The control plane reads JSON: what each `--definition` names, in whatever form, is read, checked and written out for it.
 *
 * @throws ExperimentError as `readDefinitions`
 */
export async function handOver(args: readonly string[]): Promise<HandedOver> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtrial-serve-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const handed: string[] = []
    const given = args.flatMap((argument) => splitDefinition(argument))
    for (const [i, argument] of given.entries()) {
      if (argument === DEFINITION) continue
      if (given[i - 1] !== DEFINITION) handed.push(argument)
      else for (const file of await writtenOut(argument, folder, i)) handed.push(DEFINITION, file)
    }
    return { args: handed, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

const DEFINITION = '--definition'

/** `--definition=FILE` as two arguments. */
function splitDefinition(argument: string): readonly string[] {
  const isBoth = argument.startsWith(`${DEFINITION}=`)
  return isBoth ? [DEFINITION, argument.slice(DEFINITION.length + 1)] : [argument]
}

async function writtenOut(given: string, folder: string, at: number): Promise<readonly string[]> {
  const experiments = await readDefinitions(given)
  return Promise.all(
    experiments.map(async ({ fingerprint: _, ...definition }, i) => {
      const file = join(folder, `${at}-${i}.json`)
      await writeFile(file, JSON.stringify(definition))
      return file
    }),
  )
}

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
    for (let i = 0; i < args.length; i++) {
      const [, given = args[i] === '--definition' ? args[++i] : undefined] =
        /^--definition=(.+)$/s.exec(args[i] ?? '') ?? []
      if (given === undefined) handed.push(...args.slice(i, i + 1))
      else
        for (const file of await writtenOut(given, folder, handed.length)) handed.push('--definition', file)
    }
    return { args: handed, remove }
  } catch (error) {
    await remove()
    throw error
  }
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

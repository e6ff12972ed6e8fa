import { isUtf8 } from 'node:buffer'
import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Experiment } from '@fairtrial/protocol'
import { definitionsOfModule } from './definition-module.ts'
import { unreadable } from './definition-problem.ts'
import { definitionOfJson, definitionOfYaml } from './definition-text.ts'

/** A definition is read whole; what is larger is no definition. */
const MAXIMUM_BYTES = 5 * 1024 * 1024
const MODULE = /^(.+\.m?[jt]s)(?:#(.+))?$/i

/**
 * Reads the one definition of a file: `.json`, `.yaml`, `.yml`, or a module (`.ts`, `.mts`, `.js`, `.mjs`). Of a
 * module that exports several, `FILE#NAME` takes one, by the export's name or by the key.
 *
 * @throws ExperimentError `unreadable-definition` with file:line:column, or `invalid-definition` with every
 *   problem, each at its line and column where the file has lines
 */
export async function readDefinition(file: string): Promise<Experiment> {
  const [experiment, ...others] = await readDefinitions(file)
  if (experiment !== undefined && others.length === 0) return experiment
  const keys = [experiment, ...others].map((each) => each?.key).join(', ')
  throw unreadable(file, `exports several definitions: ${keys}.`, `Name one: ${file}#${experiment?.key}.`)
}

/** All definitions of a file; only a module can have more than one. The same errors. */
export async function readDefinitions(file: string): Promise<readonly Experiment[]> {
  const [, module, name] = MODULE.exec(file) ?? []
  if (module !== undefined) {
    await refuseLarge(module)
    return definitionsOfModule(module, name)
  }
  const extension = extname(file).toLowerCase()
  if (!['.json', '.yaml', '.yml'].includes(extension)) {
    const what = extension === '' ? 'has no ending.' : `has the ending ${JSON.stringify(extension)}.`
    throw unreadable(file, what, 'Use .json, .yaml, .yml, .ts, .mts, .js or .mjs.')
  }
  await refuseLarge(file)
  const text = await readText(file)
  return [extension === '.json' ? definitionOfJson(file, text) : definitionOfYaml(file, text)]
}

/** Before a byte is read. */
async function refuseLarge(file: string): Promise<void> {
  const { size } = await asking(file, stat(file))
  if (size <= MAXIMUM_BYTES) return
  throw unreadable(file, `is ${size} bytes.`, `A definition has at most ${MAXIMUM_BYTES} bytes.`)
}

async function readText(file: string): Promise<string> {
  const bytes = await asking(file, readFile(file))
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  if (isUtf8(bytes)) return text
  const before = text.slice(0, text.indexOf('\uFFFD')).split('\n')
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
  throw unreadable(file, 'is not UTF-8 from here on.', 'Save it as UTF-8.', { place })
}

async function asking<T>(file: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw unreadable(file, `cannot be read: ${(error as Error).message}.`, 'Check the path.', {
      cause: error,
    })
  }
}

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Experiment, ExperimentError, parseDefinition } from '@fairtrial/protocol'
import { isExperimentError, misdefined, unreadable } from './definition-problem.ts'

/** What Node says of TypeScript that it does not read by itself, or not all of. */
const NEEDS_TYPESCRIPT = new Set(['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'])

/**
 * The definitions that a module exports, singly or in lists.
 *
 * @param name an export's name or a definition's key; without it, all that are there
 */
export async function definitionsOfModule(file: string, name?: string): Promise<readonly Experiment[]> {
  const exported = await importModule(file)
  const found = Object.entries(exported)
    .flatMap(([name, value]) => [value].flat().map((item: unknown) => ({ name, item })))
    .filter((entry): entry is Exported => looksLikeDefinition(entry.item))
  const wanted =
    name === undefined ? found : found.filter((entry) => entry.name === name || entry.item.key === name)
  if (wanted.length === 0) {
    const names = found.map((entry) => entry.name).join(', ')
    throw unreadable(
      file,
      name === undefined
        ? 'exports no definition.'
        : `exports no definition ${JSON.stringify(name)}; it exports ${names || 'none'}.`,
      'Export what defineExperiment returns, and name that export after a #.',
    )
  }
  return [...new Set(wanted.map(({ item }) => item))].map((item) => sealAnew(file, item))
}

interface Exported {
  readonly name: string
  readonly item: Readonly<Record<string, unknown>>
}

function looksLikeDefinition(value: unknown): value is Exported['item'] {
  return (
    typeof value === 'object' && value !== null && 'key' in value && 'variants' in value && 'metrics' in value
  )
}

/** The module may have used another version of the protocol than this command: what it sealed must be what we read. */
function sealAnew(file: string, { fingerprint, ...definition }: Exported['item']): Experiment {
  let experiment: Experiment
  try {
    experiment = parseDefinition(definition)
  } catch (error) {
    throw isExperimentError(error) ? misdefined(file, error) : error
  }
  if (fingerprint === undefined || fingerprint === experiment.fingerprint) return experiment
  throw new ExperimentError(
    'unsupported-version',
    `${file} seals ${experiment.key} as ${JSON.stringify(fingerprint)}, and this command as ${experiment.fingerprint}.`,
    'Install one version of fairtrial and @fairtrial/protocol.',
  )
}

async function importModule(file: string): Promise<Record<string, unknown>> {
  try {
    return await importByNode(resolve(file))
  } catch (error) {
    if (isExperimentError(error)) throw misdefined(file, error)
    const why = error instanceof Error ? error.message : String(error)
    throw unreadable(file, `cannot be loaded: ${why.replace(/\.?$/, '.')}`, 'Mend the module.', {
      cause: error,
    })
  }
}

async function importByNode(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (error) {
    if (!NEEDS_TYPESCRIPT.has(String((error as { code?: unknown } | null)?.code))) throw error
    const { createJiti } = await import('jiti')
    return createJiti(import.meta.url).import(path)
  }
}

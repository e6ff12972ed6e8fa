import { readFile, stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ExperimentError, type Experiment, parseDefinition, type Problem } from '@fairtrial/protocol'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'

/** A definition is read whole; what is larger is no definition. */
const MAXIMUM_BYTES = 5 * 1024 * 1024

/**
 * Reads a definition from `.json`, `.yaml`, `.yml`, or a module (`.ts`, `.mts`, `.js`, `.mjs`) that exports it.
 *
 * @throws ExperimentError `unreadable-definition` with file:line:column, or `invalid-definition` with every
 *   problem, each at its line and column where the file has lines
 */
export async function readDefinition(file: string): Promise<Experiment> {
  const extension = extname(file).toLowerCase()
  if (['.ts', '.mts', '.js', '.mjs'].includes(extension)) return definitionOfModule(file)
  if (!['.json', '.yaml', '.yml'].includes(extension)) {
    throw unreadable(
      file,
      `has the ending ${JSON.stringify(extension)}`,
      'Use .json, .yaml, .yml, .ts or .js.',
    )
  }
  const text = await readText(file)
  return extension === '.json' ? definitionOfJson(file, text) : definitionOfYaml(file, text)
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > MAXIMUM_BYTES) {
      throw unreadable(file, `is ${size} bytes`, `A definition has at most ${MAXIMUM_BYTES} bytes.`)
    }
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  } catch (error) {
    if (error instanceof ExperimentError) throw error
    throw unreadable(file, `cannot be read: ${(error as Error).message}`, 'Check the path.', error)
  }
}

function definitionOfJson(file: string, text: string): Experiment {
  try {
    JSON.parse(text)
  } catch (error) {
    const message = (error as Error).message
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? text.length)
    const where = position(text, offset)
    throw unreadable(`${file}:${where}`, `is not JSON: ${message}`, 'Mend the syntax.', error)
  }
  // JSON.parse lets the last of two equal keys win; the YAML reader refuses them and knows every line.
  return definitionOfYaml(file, text)
}

function definitionOfYaml(file: string, text: string): Experiment {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: true,
    lineCounter: lines,
    prettyErrors: false,
  })
  const [syntax] = [...document.errors, ...document.warnings]
  if (syntax) {
    const { line, col } = lines.linePos(syntax.pos[0])
    throw unreadable(
      `${file}:${line}:${col}`,
      `cannot be read: ${syntax.message}`,
      'Mend the syntax.',
      syntax,
    )
  }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 20 })
  } catch (error) {
    throw unreadable(file, `cannot be read: ${(error as Error).message}`, 'Use fewer aliases.', error)
  }
  return withPlaces(
    file,
    () => parseDefinition(value),
    (path) => placeOf(document, lines, path),
  )
}

async function definitionOfModule(file: string): Promise<Experiment> {
  const exported = await importModule(resolve(file))
  const found = Object.entries(exported).filter(([, value]) => looksLikeDefinition(value))
  const distinct = [...new Map(found.map(([name, value]) => [value, name]))]
  const [first] = distinct
  if (first === undefined || distinct.length > 1) {
    const names = distinct.map(([, name]) => name).join(', ')
    throw unreadable(
      file,
      first === undefined ? 'exports no definition' : `exports several definitions (${names})`,
      'Export exactly one, made by defineExperiment.',
    )
  }
  const { fingerprint: _seal, ...definition } = first[0] as { fingerprint?: unknown }
  return withPlaces(
    file,
    () => parseDefinition(definition),
    () => undefined,
  )
}

async function importModule(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_UNKNOWN_FILE_EXTENSION') {
      if (error instanceof ExperimentError) throw error
      throw unreadable(file, `cannot be loaded: ${(error as Error).message}`, 'Mend the module.', error)
    }
  }
  // This Node does not read TypeScript by itself.
  const { createJiti } = await import('jiti')
  return createJiti(import.meta.url).import(file)
}

function looksLikeDefinition(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'key' in value && 'variants' in value && 'metrics' in value
  )
}

/** Runs the check; problems are told with their place in the file. */
function withPlaces(
  file: string,
  check: () => Experiment,
  place: (path: readonly string[]) => string | undefined,
): Experiment {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof ExperimentError) || error.problems.length === 0) throw error
    const told = error.problems.map((problem) => tell(file, problem, place(pathOf(problem))))
    throw new ExperimentError(
      error.code,
      `${file} is not a valid definition:\n${told.join('\n')}\n`,
      error.remedy,
      {
        cause: error,
        problems: error.problems,
      },
    )
  }
}

function tell(file: string, problem: Problem, place: string | undefined): string {
  const where = place === undefined ? '' : `${file}:${place} `
  const value = problem.value === undefined ? '' : ` (${shorten(JSON.stringify(problem.value))})`
  return `  ${where}${problem.path || 'definition'}${value}: ${problem.message} ${problem.remedy}`
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** `guardrails[0].metric` → guardrails, 0, metric. */
function pathOf(problem: Problem): string[] {
  return problem.path.split(/[.[\]]+/).filter((part) => part !== '')
}

/** Line and column of the nearest node on the path: of what is missing, the place where it should be. */
function placeOf(document: Document, lines: LineCounter, path: readonly string[]): string | undefined {
  for (let depth = path.length; depth >= 0; depth--) {
    const steps = path.slice(0, depth).map((part) => (/^\d+$/.test(part) ? Number(part) : part))
    const node = depth === 0 ? document.contents : document.getIn(steps, true)
    if (!isNode(node) || !node.range) continue
    const { line, col } = lines.linePos(node.range[0])
    return `${line}:${col}`
  }
  return undefined
}

function position(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n')
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}

function unreadable(file: string, what: string, remedy: string, cause?: unknown): ExperimentError {
  return new ExperimentError('unreadable-definition', `${file} ${what}.`, remedy, { cause })
}

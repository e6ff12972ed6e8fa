import { type Experiment, parseDefinition } from '@fairtrial/protocol'
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  parseDocument,
  Parser,
  visit,
} from 'yaml'
import { isExperimentError, misdefined, type Place, unreadable } from './definition-problem.ts'

const FEWER_ALIASES = 20
/** Far above what a definition needs, far below what a recursive reader can bear. */
const DEEPEST = 500

/** A definition in YAML 1.2. Tags, repeated keys and tabs as indentation are refused, with their place. */
export function definitionOfYaml(file: string, text: string): Experiment {
  const { document, lines } = readYaml(file, text)
  const [syntax] = [...document.errors, ...document.warnings]
  if (syntax) throw malformed(file, 'YAML', syntax.message, placeAt(lines, syntax.pos[0]), syntax)
  refuseRepeated(file, 'YAML', document, lines)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: FEWER_ALIASES })
  } catch (error) {
    const place = placeAt(lines, offsetOfFirstAlias(document))
    throw malformed(file, 'YAML', (error as Error).message, place, error)
  }
  return defineAt(file, value, document, lines)
}

/** A definition in JSON. YAML's reader, to which JSON is YAML, knows its lines and finds repeated keys. */
export function definitionOfJson(file: string, text: string): Experiment {
  const value = parseJson(file, text)
  const { document, lines } = readYaml(file, text)
  refuseRepeated(file, 'JSON', document, lines)
  return defineAt(file, value, document, lines)
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const offset = offsetOfError(text, error as SyntaxError)
    const lines = new LineCounter()
    for (let at = 0; at !== -1; at = text.indexOf('\n', at) + 1 || -1) lines.addNewLine(at)
    const message = (error as Error).message.replace(/ \(line \d+ column \d+\)$/, '')
    throw malformed(file, 'JSON', message, placeAt(lines, offset), error)
  }
}

/** Where JSON ceases to be JSON. Not every message of V8 says so: then it is where the shortest bad beginning ends. */
function offsetOfError(text: string, { message }: SyntaxError): number {
  const told = /at position (\d+)/.exec(message)?.[1]
  if (told !== undefined) return Number(told)
  if (!isBad(text)) return text.length
  let [good, bad] = [0, text.length]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (isBad(text.slice(0, middle))) bad = middle
    else good = middle
  }
  return good
}

/** Whether a text holds a token that no continuation can make good. */
function isBad(beginning: string): boolean {
  try {
    JSON.parse(beginning)
    return false
  } catch (error) {
    return (error as Error).message.startsWith('Unexpected token')
  }
}

function readYaml(file: string, text: string): { document: Document; lines: LineCounter } {
  const lines = new LineCounter()
  refuseDeep(file, text)
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false, // By `refuseRepeated`: the library compares every key with every other.
    lineCounter: lines,
    prettyErrors: false,
  })
  return { document, lines }
}

/** The composer is recursive, and what is deep enough ends not in an exception but the process. */
function refuseDeep(file: string, text: string): void {
  const lines = new LineCounter()
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length <= DEEPEST) continue
    const place = placeAt(lines, parser.offset)
    throw unreadable(file, `lies more than ${DEEPEST} levels deep here.`, 'Flatten it.', { place })
  }
}

/** One of two equal keys would win in silence. */
function refuseRepeated(file: string, format: string, document: Document, lines: LineCounter): void {
  visit(document, {
    Map(_, { items }) {
      const names = new Set<string>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        const name = String(key.value)
        if (names.has(name)) {
          const why = `the key ${JSON.stringify(name)} stands here for the second time`
          throw malformed(file, format, why, placeAt(lines, key.range?.[0] ?? 0))
        }
        names.add(name)
      }
    },
  })
}

function offsetOfFirstAlias(document: Document): number {
  let offset = 0
  visit(document, {
    Alias(_, { range }) {
      offset = range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return offset
}

function defineAt(file: string, value: unknown, document: Document, lines: LineCounter): Experiment {
  try {
    return parseDefinition(value)
  } catch (error) {
    if (!isExperimentError(error)) throw error
    throw misdefined(file, error, (path) => placeAt(lines, offsetOf(document, path)))
  }
}

/** Where a path such as `guardrails[0].metric` leads; of what is missing, where it should be. */
function offsetOf(document: Document, path: string): number {
  let node: Node | null | undefined = document.contents
  let offset = 0
  let rest = path
  for (;;) {
    if (isAlias(node)) node = node.resolve(document)
    offset = node?.range?.[0] ?? offset
    const step = stepInto(node, rest)
    if (step === undefined) return offset
    offset = step.key?.range?.[0] ?? offset
    node = step.node
    rest = step.rest
  }
}

interface Step {
  readonly key?: Node
  readonly node: Node | null
  readonly rest: string
}

/** The child that the path's beginning names. Names may hold dots: the longest that fits is meant. */
function stepInto(node: Node | null | undefined, path: string): Step | undefined {
  if (isSeq<Node>(node)) {
    const [found, index] = /^\[(\d+)\]\.?/.exec(path) ?? []
    const item = index === undefined ? undefined : node.items[Number(index)]
    return found === undefined || item === undefined
      ? undefined
      : { node: item, rest: path.slice(found.length) }
  }
  if (!isMap<Node, Node | null>(node)) return undefined
  let longest: (Step & { readonly length: number }) | undefined
  for (const { key, value } of node.items) {
    if (!isScalar(key)) continue
    const name = String(key.value)
    for (const spelled of [name, `[${JSON.stringify(name)}]`]) {
      const after = path.slice(spelled.length)
      if (!path.startsWith(spelled) || !/^(?:$|[.[])/.test(after) || spelled.length <= (longest?.length ?? 0))
        continue
      longest = { key, node: value, rest: after.replace(/^\./, ''), length: spelled.length }
    }
  }
  return longest
}

function malformed(file: string, format: string, why: string, place: Place, cause?: unknown) {
  const what = `cannot be read as ${format}: ${why.replace(/\.?$/, '.')}`
  return unreadable(file, what, 'Mend the syntax there.', { place, cause })
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

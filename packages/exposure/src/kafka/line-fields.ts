/** What the headers of a record tell of its line, so that nobody must read the line to route it. */
export interface LineFields {
  readonly schema: string
  readonly id: string
  readonly producerId: string
  /** Epoch milliseconds: when it happened, by the producer's clock. */
  readonly time: number | undefined
  readonly traceparent: string | undefined
}

/**
 * Reads a line's outermost fields without parsing what is in them. Undefined where the line is no event.
 *
 * @param text bytes as characters, latin1: UTF-8 that is not ASCII is none here
 * @param from the line's first character
 * @param until the one behind its last
 */
export function fieldsOf(text: string, from: number, until: number): LineFields | undefined {
  const fields = scan(text, from, until) ?? parse(text.slice(from, until))
  const { schema, producerId, sequence, exposureId, outcomeId } = fields
  if (typeof schema !== 'string' || typeof producerId !== 'string') return undefined
  if (typeof sequence !== 'number') return undefined
  const id = exposureId ?? outcomeId ?? `${producerId}:${sequence}`
  if (typeof id !== 'string') return undefined
  const time = Number(fields.exposedAt ?? fields.occurredAt ?? fields.until ?? fields.reportedAt)
  return {
    schema,
    id,
    producerId,
    time: Math.abs(time) <= LARGEST_TIME ? time : undefined,
    traceparent: typeof fields.traceparent === 'string' ? fields.traceparent : undefined,
  }
}

/** The largest that a Date can be. */
const LARGEST_TIME = 8.64e15

/** The fields that are read, by their lengths and first letters: most are told apart by these. */
const WANTED = [
  'schema',
  'producerId',
  'sequence',
  'exposureId',
  'outcomeId',
  'exposedAt',
  'occurredAt',
  'until',
  'reportedAt',
  'traceparent',
] as const

type Fields = { [Name in (typeof WANTED)[number]]?: unknown }

const LONGEST = Math.max(...WANTED.map((name) => name.length))
const BY_LENGTH = Array.from({ length: LONGEST + 1 }, (_, length) =>
  WANTED.filter((name) => name.length === length),
)

/** Undefined for what is not written as this package writes: with white space, or with escapes where it matters. */
function scan(text: string, from: number, until: number): Fields | undefined {
  const fields: Fields = {}
  let at = from + 1
  if (text.charCodeAt(from) !== OPEN_BRACE) return undefined
  while (text.charCodeAt(at) === QUOTE) {
    const start = at + 1
    const end = endOfString(text, start)
    if (end < 0 || end >= until || text.charCodeAt(end + 1) !== COLON) return undefined
    const value = end + 2
    at = endOfValue(text, value, until)
    if (at < 0) return undefined
    for (const name of BY_LENGTH[end - start] ?? []) {
      if (!text.startsWith(name, start)) continue
      fields[name] = valueOf(text, value, at)
      if (fields[name] === undefined) return undefined
    }
    if (text.charCodeAt(at) !== COMMA) return at === until - 1 ? fields : undefined
    at++
  }
  return undefined
}

/** Undefined for what JSON.parse should read: escapes, and characters beyond ASCII. */
function valueOf(text: string, from: number, until: number): unknown {
  if (text.charCodeAt(from) !== QUOTE) return Number(text.slice(from, until))
  const value = text.slice(from + 1, until - 1)
  return PLAIN.test(value) ? value : undefined
}

const PLAIN = /^[ !#-[\]-~]*$/

/** Of the string's closing quote; -1 where there is none. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0
    while (text.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes++
    if (escapes % 2 === 0) return at
  }
  return -1
}

/** Of what stands behind the value: a comma, or the object's end. */
function endOfValue(text: string, from: number, until: number): number {
  let depth = 0
  for (let at = from; at < until; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(text, at + 1)
      if (at < 0) return -1
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if (depth === 0 && (code === COMMA || code === CLOSE_BRACE)) return at
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
  }
  return -1
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

function parse(line: string): Fields {
  try {
    return (JSON.parse(Buffer.from(line, 'latin1').toString()) ?? {}) as Fields
  } catch {
    return {}
  }
}

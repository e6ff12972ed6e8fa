import { isUtf8 } from 'node:buffer'
import type { LogEvent } from '@fairtrial/protocol'
import { parseLogEvent } from '@fairtrial/protocol/parse-event'
import type { StoredRecord } from './kafka-reader.ts'

/** Why a record is no event. */
export type PoisonReason =
  | 'tombstone'
  | 'oversized'
  | 'invalid-utf8'
  | 'too-deep'
  | 'invalid-json'
  | 'wrong-schema'
  | 'not-finite'

/** What a record turned out to be. */
export type ReadRecord =
  | { readonly event: LogEvent; readonly text: string; readonly poison?: undefined }
  | { readonly poison: PoisonReason }

/** Larger than anything a recorder writes, which keeps below 512 kB. */
const LARGEST_VALUE = 1_000_000
/** Deeper than any event: an exposure's slate has four levels, an outcome's properties are the service's own. */
const DEEPEST = 64

/** Reads a record as an event. Never throws: a poisoned record must cost no more than itself. */
export function readRecord({ value }: StoredRecord): ReadRecord {
  if (value === null || value.length === 0) return { poison: 'tombstone' }
  if (value.length > LARGEST_VALUE) return { poison: 'oversized' }
  // Decoding would put U+FFFD there, and make one unit of many.
  if (!isUtf8(value)) return { poison: 'invalid-utf8' }
  const text = textOf(value)
  if (isDeeperThan(DEEPEST, text)) return { poison: 'too-deep' }
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch {
    return { poison: 'invalid-json' }
  }
  const parsed = parseLogEvent(event)
  if (parsed.ok) return { event: parsed.event, text }
  return { poison: hasInfinity(event) ? 'not-finite' : 'wrong-schema' }
}

function textOf(value: Uint8Array): string {
  return (
    Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.length)
  ).toString()
}

/** JSON has no NaN, but it has 1e999: worth a word of its own. */
function hasInfinity(event: unknown): boolean {
  const numbers = Object.values(event ?? {}).filter((field) => typeof field === 'number')
  return numbers.some((number) => !Number.isFinite(number))
}

/** Whether brackets stand in one another deeper than this. */
function isDeeperThan(depth: number, text: string): boolean {
  if (!hasMoreThan(depth, text, '{', '[')) return false
  let open = 0
  for (let at = 0, inString = false; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === BACKSLASH) at++
      else if (code === QUOTE) inString = false
    } else if (code === QUOTE) inString = true
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++open > depth) return true
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) open--
  }
  return false
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Looks from bracket to bracket: most events have three, and cost as many searches. */
function hasMoreThan(count: number, text: string, ...brackets: readonly string[]): boolean {
  let found = 0
  for (const bracket of brackets) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (++found > count) return true
    }
  }
  return false
}

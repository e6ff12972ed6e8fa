import { type Duration, durationMs } from '@fairtrial/protocol'
import { InvalidArgumentError } from 'commander'

/** `--attributes`: a JSON object. */
export function parseAttributes(text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new InvalidArgumentError(`Not JSON: ${(error as Error).message}.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError('Give a JSON object.')
  }
  return value
}

/** `--traffic`: 0 to 100. */
export function parsePercent(text: string): number {
  const percent = Number(text)
  if (text.trim() === '' || !(percent >= 0 && percent <= 100))
    throw new InvalidArgumentError('Give 0 to 100.')
  return percent
}

/** `--seed`: an unsigned 32-bit integer. */
export function parseSeed(text: string): number {
  const seed = Number(text)
  if (text.trim() === '' || !Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new InvalidArgumentError('Give an integer from 0 to 4294967295.')
  }
  return seed
}

/** `--phase`, `--revision`: from 1. */
export function parsePhase(text: string): number {
  const phase = Number(text)
  if (!Number.isSafeInteger(phase) || phase < 1) throw new InvalidArgumentError('Give a whole number from 1.')
  return phase
}

const ISO_TIME = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/

/**
 * `--as-of`: epoch milliseconds or an ISO 8601 time. A time of day needs its offset: what it means must not hang on
 * where the command runs. A date alone is its first moment in UTC.
 */
export function parseTime(text: string): number {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  const date = ISO_TIME.exec(text)?.[1]
  const time = date === undefined ? Number.NaN : Date.parse(text)
  // Date.parse takes 30 February for 2 March.
  if (date === undefined || Number.isNaN(time) || !new Date(date).toISOString().startsWith(date)) {
    throw new InvalidArgumentError(
      'Give epoch milliseconds, a date, or a time with its offset: 2026-01-05T09:00Z.',
    )
  }
  return time
}

/** `--kafka`: `host:port`, several between commas. */
export function parseBrokers(text: string): readonly string[] {
  const brokers = text.split(',').map((broker) => broker.trim())
  if (brokers.every((broker) => /^[^\s:/]+:\d+$|^\[[\da-f:]+\]:\d+$/i.test(broker))) return brokers
  throw new InvalidArgumentError('Give host:port, several between commas.')
}

/** `--limit`: from 1. */
export function parseLimit(text: string): number {
  const limit = Number(text)
  if (!Number.isSafeInteger(limit) || limit < 1) throw new InvalidArgumentError('Give a whole number from 1.')
  return limit
}

/** `--url`: of http or https. */
export function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text
  throw new InvalidArgumentError('Give a URL such as http://127.0.0.1:4600.')
}

/** `--dimension`, `--covariate`: an option that may be repeated. */
export function collectTexts(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

/** `--nothing-runs KEY`, which may be repeated; without a key, true: of all. */
export function collectKeys(text: string, before: true | readonly string[] = []): true | readonly string[] {
  return before === true ? before : [...before, text]
}

/** `--where COLUMN=VALUE`, which may be repeated. The value may be empty. */
export function collectConditions(
  text: string,
  before: readonly { readonly column: string; readonly equals: string }[] = [],
): readonly { readonly column: string; readonly equals: string }[] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError("Give a column and the text of its cells, e.g. 'country=DE'.")
  return [...before, { column: text.slice(0, at), equals: text.slice(at + 1) }]
}

/** `--older-than`: a duration above 0, in milliseconds. */
export function parseAge(text: string): number {
  let ms = 0
  try {
    ms = durationMs(text as Duration)
  } catch {
    // Told below.
  }
  if (ms > 0) return ms
  throw new InvalidArgumentError('Give a number above 0 and one of s, m, h, d: 90d.')
}

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { checkExposureToken } from '@fairtrial/exposure/token'
import { type ExposureEvent, ExperimentError, parseExposureEvent } from '@fairtrial/protocol'
import { isDeep } from './http.ts'
import type { Ingest, IngestAnswer, RejectedLine } from './ingest.ts'
import { createRecentIds } from './recent-ids.ts'

/** Tokens remembered: one is good for one exposure. Later, readers tell the same exposure apart by its id. */
const RECENT_TOKENS = 200_000

/** Lines of one batch of a browser. */
const MAXIMUM_LINES = 100

/**
 * Takes exposures of whoever may be anybody: each line bears the token that a service gave out for just this arm of
 * just this unit. What is not signed, so, is not the sender's to say: who wrote it and in which order are set here.
 */
export function takePublicExposures(options: {
  readonly secret: string
  readonly ingest: Ingest
  readonly now: () => number
}): (body: Uint8Array) => Promise<IngestAnswer> {
  const { secret, ingest, now } = options
  const producerId = `public:${randomUUID()}`
  const used = createRecentIds(RECENT_TOKENS)
  /** Numbers that were given out and not written: they are given out again, for one that is missing reads as a loss. */
  let unused: readonly number[] = []
  let numbered = 0
  let turn: Promise<unknown> = Promise.resolve()

  async function take(lines: readonly string[]): Promise<IngestAnswer> {
    const good = new Map<string, Vouched>()
    const rejected: RejectedLine[] = []
    let duplicates = 0
    for (const [i, text] of lines.entries()) {
      if (text.trim() === '') continue
      const line = i + 1
      const read = readExposure(text, secret, now())
      if ('code' in read) rejected.push({ line, ...read })
      else if (used.has(read.token) || good.has(read.token)) duplicates += 1
      else good.set(read.token, { ...read, line })
    }
    if (good.size === 0) return { accepted: 0, duplicates, rejected }
    const refused = await write([...good.values()])
    return { accepted: good.size - refused.length, duplicates, rejected: [...rejected, ...refused] }
  }

  /** Resolves to what is not written after all. */
  async function write(vouched: readonly Vouched[]): Promise<readonly RejectedLine[]> {
    const numbers = [...unused]
    while (numbers.length < vouched.length) numbers.push(++numbered)
    unused = numbers
    const events = vouched.map(({ exposure }, i) => ({ ...exposure, producerId, sequence: numbers[i] }))
    const answer = await ingest(
      Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join('')),
      'exposure',
    )
    const refused = new Map(answer.rejected.map((each) => [each.line - 1, each]))
    unused = numbers.filter((_, i) => i >= vouched.length || refused.has(i))
    return vouched.flatMap(({ token, line }, i) => {
      const why = refused.get(i)
      if (why !== undefined) return [{ ...why, line }]
      used.add(token)
      return []
    })
  }

  return async (body) => {
    const lines = new TextDecoder().decode(body).split('\n')
    if (lines.length > MAXIMUM_LINES) {
      const detail = `The batch has more than ${MAXIMUM_LINES} lines.`
      throw new ExperimentError('invalid-argument', detail, 'Send what one page has exposed.')
    }
    // One batch at a time: a number that is not written would be a loss.
    const answer = turn.then(() => take(lines))
    turn = answer.catch(() => undefined)
    return answer
  }
}

/** Of a file: the secret that services issue tokens by. */
export async function readExposureSecret(path: string): Promise<string> {
  let secret: string
  try {
    secret = (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    throw unusable(path, `cannot be read: ${(cause as Error).message}`, cause)
  }
  if (secret.length >= 32) return secret
  throw unusable(path, 'has fewer than 32 characters')
}

/** An exposure whose token is good for it. */
interface Vouched {
  readonly token: string
  readonly exposure: ExposureEvent
  readonly line: number
}

function readExposure(
  line: string,
  secret: string,
  now: number,
): Omit<Vouched, 'line'> | Omit<RejectedLine, 'line'> {
  if (isDeep(Buffer.from(line))) return { code: 'invalid-event', detail: 'nested too deeply' }
  let value: { readonly token?: unknown; readonly [field: string]: unknown }
  try {
    value = (JSON.parse(line) ?? {}) as typeof value
  } catch {
    return { code: 'invalid-event', detail: 'not JSON' }
  }
  const { token, ...fields } = value
  const parsed = parseExposureEvent({ ...fields, producerId: 'public', sequence: 1 })
  if (!parsed.ok) return { code: parsed.code, detail: parsed.detail }
  const { armSequence: _, reason, ...exposure } = parsed.event
  const verdict = checkExposureToken(token, exposure, { secret, now })
  if (verdict === 'genuine' && reason === 'assigned') {
    return { token: String(token), exposure: { ...exposure, reason } }
  }
  return {
    code: 'untrusted-exposure',
    detail: `its token is ${verdict === 'genuine' ? 'for another reason' : verdict}`,
  }
}

function unusable(path: string, why: string, cause?: unknown): ExperimentError {
  return new ExperimentError(
    'misconfigured',
    `${path} ${why}.`,
    'Write a secret into it that services share: `openssl rand -base64 48`.',
    { cause },
  )
}

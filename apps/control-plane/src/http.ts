import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refused } from './refused.ts'

/** What a body must be. */
export interface BodyLimits {
  readonly contentType: string
  readonly maximumBytes: number
  /** What to do about one that is larger. */
  readonly smaller?: string
}

/** Arrays in objects in arrays …: no document of ours is a tenth as deep, and what is deep is slow to walk. */
const MAXIMUM_DEPTH = 64

/** With every answer: nothing is kept by a cache, guessed at by a browser, framed, or lent to another site. */
export const GUARDED = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const

/**
 * Reads a body of at most `maximumBytes`; the limit is checked against the declared length before a byte
 * is read, and against what arrives. Compressed bodies are refused: nothing here is unpacked.
 */
export async function readBody(
  request: IncomingMessage,
  { contentType, maximumBytes, smaller = 'Send smaller batches.' }: BodyLimits,
): Promise<Uint8Array> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== contentType) {
    throw new Refused(415, 'unsupported-content-type', `The content type is ${JSON.stringify(type)}.`, {
      remedy: `Send ${contentType}.`,
    })
  }
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Refused(415, 'unsupported-content-encoding', `The body is encoded as ${encoding}.`, {
      remedy: 'Send it uncompressed.',
    })
  }
  const tooLarge = () =>
    new Refused(413, 'body-too-large', `The body is larger than ${maximumBytes} bytes.`, {
      remedy: smaller,
    })
  if (Number(request.headers['content-length'] ?? 0) > maximumBytes) throw tooLarge()

  const chunks: Uint8Array[] = []
  let bytes = 0
  // The stream outlives a refusal, or its answer could not be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > maximumBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Reads a JSON body; what does not parse, or is nested too deeply, is a refusal. */
export async function readJson(
  request: IncomingMessage,
  maximumBytes: number,
  smaller = 'Send a shorter document.',
): Promise<unknown> {
  const body = await readBody(request, { contentType: 'application/json', maximumBytes, smaller })
  if (isDeep(body)) {
    throw new Refused(400, 'too-deep', `The body is nested more than ${MAXIMUM_DEPTH} deep.`, {
      remedy: 'Send a flatter document.',
    })
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new Refused(400, 'malformed-json', `The body is not JSON: ${(error as Error).message}.`, {
      remedy: 'Send one JSON document in UTF-8.',
    })
  }
}

/** Told by the brackets that are open, before anything is parsed. */
export function isDeep(body: Uint8Array): boolean {
  let depth = 0
  let isText = false
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (isText) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) isText = false
    } else if (byte === QUOTE) isText = true
    else if (byte === BRACKET || byte === BRACE) {
      if (++depth > MAXIMUM_DEPTH) return true
    } else if (byte === BRACKET + 2 || byte === BRACE + 2) depth--
  }
  return false
}

const [QUOTE, BRACKET, BACKSLASH, BRACE] = [0x22, 0x5b, 0x5c, 0x7b] as const

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendText(response, status, JSON.stringify(body), {
    'content-type': 'application/json; charset=utf-8',
    ...headers,
  })
}

/** @param headers `content-type` among them */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, { ...GUARDED, 'content-length': String(Buffer.byteLength(text)), ...headers })
  response.end(text)
}

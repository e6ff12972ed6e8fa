import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refused } from './refused.ts'

/** What a body must be. */
export interface BodyLimits {
  readonly contentType: string
  readonly maximumBytes: number
}

/**
 * Reads a body of at most `maximumBytes`; the limit is checked against the declared length before a byte
 * is read, and against what arrives. Compressed bodies are refused: nothing here is unpacked.
 */
export async function readBody(
  request: IncomingMessage,
  { contentType, maximumBytes }: BodyLimits,
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
      remedy: 'Send smaller batches.',
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

/** Reads a JSON body; what does not parse is a refusal. */
export async function readJson(request: IncomingMessage, maximumBytes: number): Promise<unknown> {
  const body = await readBody(request, { contentType: 'application/json', maximumBytes })
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new Refused(400, 'malformed-json', `The body is not JSON: ${(error as Error).message}.`, {
      remedy: 'Send one JSON document in UTF-8.',
    })
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(text)
}

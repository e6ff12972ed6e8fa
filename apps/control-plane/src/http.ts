import type { IncomingMessage, ServerResponse } from 'node:http'

/** A refusal with its HTTP status. `code`, `detail` and `remedy` are the body of the answer. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly remedy: string
}

/** Thrown inside a route to answer with a refusal. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(status: number, code: string, detail: string, remedy: string) {
    super(detail)
    this.refusal = { status, code, detail, remedy }
  }
}

/**
 * Reads a body of at most `maximumBytes`; the limit is checked against the declared length before a byte
 * is read, and against what arrives. Compressed bodies are refused: nothing here is unpacked.
 */
export async function readBody(
  request: IncomingMessage,
  options: { contentType: string; maximumBytes: number },
): Promise<string> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== options.contentType) {
    throw new Refused(
      415,
      'unsupported-content-type',
      `The content type is ${JSON.stringify(type)}.`,
      `Send ${options.contentType}.`,
    )
  }
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Refused(
      415,
      'unsupported-content-encoding',
      `The body is encoded as ${encoding}.`,
      'Send it uncompressed.',
    )
  }
  const tooLarge = () =>
    new Refused(
      413,
      'body-too-large',
      `The body is larger than ${options.maximumBytes} bytes.`,
      'Send smaller batches.',
    )
  if (Number(request.headers['content-length'] ?? 0) > options.maximumBytes) throw tooLarge()

  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > options.maximumBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Reads a JSON body; what does not parse is a refusal. */
export async function readJson(request: IncomingMessage, maximumBytes: number): Promise<unknown> {
  const body = await readBody(request, { contentType: 'application/json', maximumBytes })
  try {
    return JSON.parse(body)
  } catch (error) {
    throw new Refused(
      400,
      'malformed-json',
      `The body is not JSON: ${(error as Error).message}.`,
      'Send one JSON document.',
    )
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

import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseServedReport } from '@fairtrial/protocol'
import { readBody, readJson, sendJson } from './http.ts'
import type { Plane } from './plane.ts'
import { Refused } from './refused.ts'

/** Bytes of one batch of events, and of any other body. */
const MAXIMUM_BATCH_BYTES = 4 * 1024 * 1024
const MAXIMUM_BODY_BYTES = 256 * 1024

type Route = (request: IncomingMessage, response: ServerResponse, key: string) => Promise<void> | void

/** Every route: method, path (`:key` stands for an experiment's key), what it does. */
export function createRoutes(plane: Plane): readonly (readonly [method: string, path: string, Route])[] {
  return [
    ['GET', '/healthz', (_request, response) => sendJson(response, 200, { status: 'ok' })],
    [
      'GET',
      '/v1/state',
      async (request, response) => {
        const { snapshot, etag, leaseMs } = await plane.lease(instanceOf(request))
        const headers = { etag, 'fairtrial-valid-for-ms': String(leaseMs) }
        if (request.headers['if-none-match'] === etag) {
          response.writeHead(304, { ...headers, 'cache-control': 'no-store' }).end()
        } else sendJson(response, 200, snapshot, headers)
      },
    ],
    [
      'POST',
      '/v1/events',
      async (request, response) => {
        const limits = { contentType: 'application/x-ndjson', maximumBytes: MAXIMUM_BATCH_BYTES }
        sendJson(response, 200, await plane.ingest(await readBody(request, limits)))
      },
    ],
    [
      'POST',
      '/v1/served',
      async (request, response) => {
        plane.served(servedBody(await readJson(request, MAXIMUM_BODY_BYTES)))
        sendJson(response, 200, { accepted: true })
      },
    ],
    [
      'GET',
      '/v1/experiments/:key',
      async (_request, response, key) => sendJson(response, 200, await plane.view(key)),
    ],
    [
      'POST',
      '/v1/experiments/:key/abort',
      async (request, response, key) => {
        const { by, reason } = abortBody(await readJson(request, MAXIMUM_BODY_BYTES))
        sendJson(response, 200, await plane.abort(key, by, reason))
      },
    ],
  ]
}

function instanceOf(request: IncomingMessage): string | null {
  const id = request.headers['fairtrial-instance']
  if (id === undefined) return null
  if (typeof id === 'string' && /^[\x21-\x7e]{1,128}$/.test(id)) return id
  throw new Refused(400, 'invalid-instance', 'The header fairtrial-instance is not an instance id.', {
    remedy: 'Use 1 to 128 visible ASCII characters.',
  })
}

function servedBody(body: unknown) {
  const report = parseServedReport(body)
  if (report.ok) return report.value
  throw new Refused(400, report.code, report.detail, { remedy: 'Send a fairtrial.served/1 report.' })
}

function abortBody(body: unknown): { by: string; reason: string } {
  const { by, reason } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  return { by: textOf('by', by), reason: textOf('reason', reason) }
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= 1000) return value
  const wrong = value === undefined ? 'missing' : 'not a text of 1 to 1000 characters'
  throw new Refused(400, 'invalid-argument', `${name} is ${wrong}.`, {
    remedy: `Give ${name} in the JSON body.`,
  })
}

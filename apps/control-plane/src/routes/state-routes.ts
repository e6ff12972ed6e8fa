import type { IncomingMessage } from 'node:http'
import { parseServedReport } from '@fairtrial/protocol'
import { GUARDED, readJson, sendJson, sendText } from '../http.ts'
import { schemas } from '../openapi/schemas.ts'
import type { Plane } from '../plane.ts'
import { Refused } from '../refused.ts'
import type { Route } from '../route.ts'
import type { Signature, Signer } from '../stream/signer.ts'
import type { StateStream } from '../stream/state-stream.ts'

const MAXIMUM_REPORT_BYTES = 256 * 1024

/** What services ask for and report: the states on a lease, and what they have served. */
export function stateRoutes(plane: Plane, signer: Signer | null, stream: StateStream): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/state',
      role: 'service',
      summary: 'The states, on a lease; 304 renews it where they have not changed.',
      answer: schemas.snapshot,
      others: { 304: null },
      async run({ request, response }) {
        const { snapshot, etag, leaseMs } = await plane.lease(instancesOf(request))
        const { issuedAt } = snapshot
        const headers = {
          etag,
          'fairtrial-valid-for-ms': String(leaseMs),
          'fairtrial-issued-at': String(issuedAt),
        }
        if (request.headers['if-none-match'] === etag) {
          const signed = signatureHeaders(signer?.signRenewal({ etag, validForMs: leaseMs, issuedAt }))
          response.writeHead(304, { ...GUARDED, ...headers, ...signed }).end()
        } else {
          const body = JSON.stringify(snapshot)
          sendText(response, 200, body, {
            'content-type': 'application/json; charset=utf-8',
            ...headers,
            ...signatureHeaders(signer?.signSnapshot(body)),
          })
        }
      },
    },
    {
      method: 'GET',
      path: '/v1/state/stream',
      role: 'service',
      summary:
        'The same as server-sent events: `snapshot` at once and at each change, `renewal` of its lease.',
      answer: null,
      run: (asked) => stream.open(asked, instanceOf(asked.request)),
    },
    {
      method: 'POST',
      path: '/v1/served',
      role: 'service',
      summary: 'Takes what an instance has served: what a rollback is proved by.',
      body: { contentType: 'application/json', maximumBytes: MAXIMUM_REPORT_BYTES, schema: schemas.served },
      answer: schemas.accepted,
      async run({ request, response }) {
        const report = parseServedReport(await readJson(request, MAXIMUM_REPORT_BYTES))
        if (!report.ok) {
          throw new Refused(400, report.code, report.detail, { remedy: 'Send a fairtrial.served/1 report.' })
        }
        plane.served(report.value)
        sendJson(response, 200, { accepted: true })
      },
    },
  ]
}

function instancesOf(request: IncomingMessage): readonly string[] {
  const id = instanceOf(request)
  return id === null ? [] : [id]
}

function signatureHeaders(signed: Signature | undefined): Readonly<Record<string, string>> {
  if (signed === undefined) return {}
  return { 'fairtrial-signature': signed.signature, 'fairtrial-key': signed.key }
}

/** Who asks for state; null where it does not say. */
function instanceOf(request: IncomingMessage): string | null {
  const id = request.headers['fairtrial-instance']
  if (id === undefined) return null
  if (typeof id === 'string' && /^[\x21-\x7e]{1,128}$/.test(id)) return id
  throw new Refused(400, 'invalid-instance', 'The header fairtrial-instance is not an instance id.', {
    remedy: 'Use 1 to 128 visible ASCII characters.',
  })
}

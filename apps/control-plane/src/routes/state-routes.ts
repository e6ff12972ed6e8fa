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
        const nonce = nonceOf(request)
        const { snapshot, etag, leaseMs } = await plane.lease([instanceOf(request)])
        const { issuedAt } = snapshot
        const headers = {
          etag,
          'fairtrial-valid-for-ms': String(leaseMs),
          'fairtrial-issued-at': String(issuedAt),
        }
        if (request.headers['if-none-match'] === etag) {
          const signed = signatureHeaders(signer?.signRenewal({ etag, validForMs: leaseMs, issuedAt }, nonce))
          response.writeHead(304, { ...GUARDED, ...headers, ...signed }).end()
        } else {
          const body = JSON.stringify(snapshot)
          sendText(response, 200, body, {
            'content-type': 'application/json; charset=utf-8',
            ...headers,
            ...signatureHeaders(signer?.signSnapshot(body, nonce)),
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
      run: (asked) => stream.open(asked, instanceOf(asked.request), nonceOf(asked.request)),
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
        if (!INSTANCE.test(report.value.instanceId)) throw invalidInstance('instanceId')
        plane.served(report.value)
        sendJson(response, 200, { accepted: true })
      },
    },
  ]
}

function signatureHeaders(signed: Signature | undefined): Readonly<Record<string, string>> {
  if (signed === undefined) return {}
  return { 'fairtrial-signature': signed.signature, 'fairtrial-key': signed.key }
}

/**
 * All who do not say who they are: they serve by a lease too, which nothing but its end settles. No instance can be called
 * so, for no header holds it.
 */
const UNNAMED = 'who gave no name'

function instanceOf(request: IncomingMessage): string {
  const id = request.headers['fairtrial-instance']
  if (id === undefined) return UNNAMED
  if (typeof id === 'string' && INSTANCE.test(id)) return id
  throw invalidInstance('The header fairtrial-instance')
}

/** What the answer is signed with, so that it will do for nobody else; empty where nothing is sent. */
function nonceOf({ headers }: IncomingMessage): string {
  const nonce = headers['fairtrial-nonce'] ?? ''
  if (typeof nonce === 'string' && /^[\x21-\x7e]{0,128}$/.test(nonce)) return nonce
  throw new Refused(400, 'invalid-nonce', 'The header fairtrial-nonce cannot be signed.', {
    remedy: 'Use 1 to 128 visible ASCII characters.',
  })
}

const INSTANCE = /^[\x21-\x7e]{1,128}$/

function invalidInstance(what: string): Refused {
  return new Refused(400, 'invalid-instance', `${what} is not an instance id.`, {
    remedy: 'Use 1 to 128 visible ASCII characters.',
  })
}

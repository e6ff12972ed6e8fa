import { ExperimentError } from '@fairtrial/protocol/error'
import { refuseNoDurations, refuseNoFunction } from '../refusals.ts'
import type { Reading, SnapshotMemory, StateSource } from '../source.ts'
import { readBounded } from './read-bounded.ts'
import { endpoint, type Fetch, reach } from './reach.ts'
import { drawNonce, saidIn, tagOf, type TrustOptions, type Verifier, verifierOf } from './verify-state.ts'

/** A snapshot larger than this is refused before it is parsed. */
export const MAXIMUM_SNAPSHOT_BYTES = 5_000_000

/** How to ask a control plane. Times in milliseconds. */
export interface HttpSourceOptions extends TrustOptions {
  /** Of the control plane: `http://127.0.0.1:4600`. */
  readonly url: string | URL
  /** Default 2,000. */
  readonly pollMs?: number
  /** For the whole answer. Default 5,000. */
  readonly timeoutMs?: number
  /** The longest wait after failures. Default 15,000. */
  readonly maximumBackoffMs?: number
  readonly fetch?: Fetch
  /** Sent with each request, for example `authorization`. */
  readonly headers?: { readonly [name: string]: string }
  /** Keeps the last good snapshot over a restart. */
  readonly lastGood?: SnapshotMemory
}

/**
 * The states that a control plane serves at `GET /v1/state`. An unchanged state (304) renews the lease by the
 * header `fairtrial-valid-for-ms`.
 *
 * @throws ExperimentError `invalid-argument` for an address, a time or a key that is none
 */
export function httpSource(options: HttpSourceOptions): StateSource {
  const { url, pollMs = 2_000, timeoutMs = 5_000, maximumBackoffMs = 15_000, fetch, lastGood } = options
  const address = endpoint(url, 'v1/state')
  refuseNoDurations('httpSource', { pollMs, timeoutMs, maximumBackoffMs })
  refuseNoFunction('httpSource.fetch', fetch)
  const verifier = verifierOf(options, address)
  return {
    pollMs,
    maximumBackoffMs,
    ...(lastGood && { lastGood }),
    async read({ tag, instanceId, signal }) {
      const nonce = drawNonce()
      const headers = {
        ...options.headers,
        accept: 'application/json',
        // An answer from a cache would renew a lease that nobody has granted.
        'cache-control': 'no-cache',
        'fairtrial-instance': instanceId,
        ...(verifier !== null && { 'fairtrial-nonce': nonce }),
        ...(tag !== null && { 'if-none-match': tag }),
      }
      const approach = { init: { headers }, signal, timeoutMs, fetch, accept: [200, 304] }
      return reach(address, approach, async (response) => {
        if (response.status === 304) return renewed(response, `${nonce}\n${tag ?? ''}`, verifier, address)
        const text = await readBounded(response, MAXIMUM_SNAPSHOT_BYTES, address)
        const snapshot = parseSnapshotText(text, address)
        const signature = response.headers.get('fairtrial-signature')
        if (verifier === null) return { snapshot, tag: response.headers.get('etag') }
        await verifier.check(`fairtrial.snapshot/2\n${nonce}\n${text}`, signature, saidIn(snapshot))
        return { snapshot, tag: await tagOf(snapshot) }
      })
    },
  }
}

async function renewed(
  response: Response,
  asked: string,
  verifier: Verifier | null,
  address: string,
): Promise<Reading> {
  const lease = wholeHeader(response, 'fairtrial-valid-for-ms', address)
  if (verifier === null) return { validForMs: lease }
  const issuedAt = wholeHeader(response, 'fairtrial-issued-at', address)
  const text = `fairtrial.renewal/2\n${asked}\n${lease}\n${issuedAt}`
  await verifier.check(text, response.headers.get('fairtrial-signature'), { issuedAt, revision: null })
  return { validForMs: lease }
}

function wholeHeader(response: Response, name: string, address: string): number {
  const header = response.headers.get(name)
  if (header !== null && /^\d{1,15}$/.test(header)) return Number(header)
  throw new ExperimentError(
    'refused',
    `${address} answered 304 with ${name} ${JSON.stringify(header)}, so the lease cannot be renewed.`,
    'Serve whole milliseconds in that header, and let no cache take it away.',
  )
}

/** @throws ExperimentError `invalid-state` for what is no JSON */
export function parseSnapshotText(text: string, address: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ExperimentError(
      'invalid-state',
      `${address} served no JSON: ${(cause as Error).message}.`,
      'Look at what stands between this service and its control plane.',
      { cause },
    )
  }
}

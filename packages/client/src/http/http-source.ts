import { ExperimentError } from '@fairtrial/protocol/error'
import { refuseNoDuration, refuseNoFunction } from '../refusals.ts'
import type { SnapshotMemory, StateSource } from '../source.ts'
import { readBounded } from './read-bounded.ts'
import { endpoint, type Fetch, reach } from './reach.ts'

/** A snapshot larger than this is refused before it is parsed. */
const MAXIMUM_SNAPSHOT_BYTES = 5_000_000

/** How to ask a control plane. Times in milliseconds. */
export interface HttpSourceOptions {
  /** Of the control plane: `http://127.0.0.1:4600`. */
  readonly url: string | URL
  /** Default 2,000. */
  readonly pollMs?: number
  /** For the whole answer. Default 5,000. */
  readonly timeoutMs?: number
  /** The longest wait after failures. Default 15,000. */
  readonly maximumBackoffMs?: number
  readonly fetch?: Fetch
  /** Keeps the last good snapshot over a restart. */
  readonly lastGood?: SnapshotMemory
}

/**
 * The states that a control plane serves at `GET /v1/state`. An unchanged state (304) renews the lease by the
 * header `fairtrial-valid-for-ms`.
 *
 * @throws ExperimentError `invalid-argument` for an address or a time that is none
 */
export function httpSource(options: HttpSourceOptions): StateSource {
  const { url, pollMs = 2_000, timeoutMs = 5_000, maximumBackoffMs = 15_000, fetch, lastGood } = options
  const address = endpoint(url, 'v1/state')
  for (const [name, ms] of Object.entries({ pollMs, timeoutMs, maximumBackoffMs }))
    refuseNoDuration(`httpSource.${name}`, ms)
  refuseNoFunction('httpSource.fetch', fetch)
  return {
    pollMs,
    maximumBackoffMs,
    ...(lastGood && { lastGood }),
    async read({ tag, instanceId, signal }) {
      const headers = {
        accept: 'application/json',
        // An answer from a cache would renew a lease that nobody has granted.
        'cache-control': 'no-cache',
        'fairtrial-instance': instanceId,
        ...(tag !== null && { 'if-none-match': tag }),
      }
      const approach = { init: { headers }, signal, timeoutMs, fetch, accept: [200, 304] }
      return reach(address, approach, async (response) => {
        if (response.status === 304) return { validForMs: validForMs(response, address) }
        const text = await readBounded(response, MAXIMUM_SNAPSHOT_BYTES, address)
        return { snapshot: parse(text, address), tag: response.headers.get('etag') }
      })
    },
  }
}

function validForMs(response: Response, address: string): number {
  const header = response.headers.get('fairtrial-valid-for-ms')
  if (header !== null && /^\d{1,15}$/.test(header)) return Number(header)
  throw new ExperimentError(
    'refused',
    `${address} answered 304 with fairtrial-valid-for-ms ${JSON.stringify(header)}, so the lease cannot be renewed.`,
    'Serve whole milliseconds in that header, and let no cache take it away.',
  )
}

function parse(text: string, address: string): unknown {
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

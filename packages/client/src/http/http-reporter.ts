import type { ServedReport } from '@fairtrial/protocol'
import { refuseNoDuration, refuseNoFunction } from '../refusals.ts'
import { readBounded } from './read-bounded.ts'
import { endpoint, type Fetch, reach } from './reach.ts'

/** Nothing in the answer is of use: a control plane says a few words at most. */
const MAXIMUM_ANSWER_BYTES = 64_000

/** Where counts of what was served go. */
export interface HttpReporterOptions {
  /** Of the control plane: `http://127.0.0.1:4600`. */
  readonly url: string | URL
  /** Milliseconds. Default 5,000. */
  readonly timeoutMs?: number
  readonly fetch?: Fetch
  /** Sent with each request, for example `authorization`. */
  readonly headers?: { readonly [name: string]: string }
}

/** Reports to `POST /v1/served` of a control plane; rejects where it does not answer 2xx. */
export function httpReporter(options: HttpReporterOptions): (report: ServedReport) => Promise<void> {
  const { url, timeoutMs = 5_000, fetch, headers } = options
  const address = endpoint(url, 'v1/served')
  refuseNoDuration('httpReporter.timeoutMs', timeoutMs)
  refuseNoFunction('httpReporter.fetch', fetch)
  return async (report) => {
    const init = {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(report),
    }
    // An answer that is left unread would hold its connection.
    const read = (response: Response) => readBounded(response, MAXIMUM_ANSWER_BYTES, address)
    await reach(address, { init, timeoutMs, fetch, accept: [200, 202, 204] }, read)
  }
}

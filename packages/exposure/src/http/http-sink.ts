import { ExperimentError } from '@fairtrial/protocol/error'
import { systemTimers } from '../clock.ts'
import { limitsOf } from '../limits.ts'
import { sinkClosed } from '../memory-sink.ts'
import { refuseNoFunction } from '../refusals.ts'
import type { DeliveryResult, EventBatch, Rejection, Sink } from '../sink.ts'
import { readUpTo } from './read-up-to.ts'

/** Where batches are posted, and how. */
export interface HttpSinkOptions {
  /** Where the control plane listens; batches are posted to `v1/events` below it. */
  readonly url: string | URL
  /** Default: the global one. */
  readonly fetch?: typeof globalThis.fetch
  /** For one attempt, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number
  /** Sent with each request, for example `authorization`. */
  readonly headers?: { readonly [name: string]: string }
}

/** What the other side answers: each line is accepted, known already, or refused. */
export interface HttpAnswer {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: readonly Rejection[]
}

/** A recorder's batch has 512 kB at most: what answers with more than this does not answer it. */
const MAXIMUM_ANSWER_BYTES = 5_000_000
const MAXIMUM_DETAIL_BYTES = 1_000

/**
 * Posts batches as `application/x-ndjson`. A status of 400 to 499 says that the batch will never be taken, but for
 * 413 (it is sent in parts), for 401, 403, 404 and 405 (credentials or address are wrong: tried slowly) and for
 * 408 and 429, which are tried again like everything else that is no answer.
 *
 * @throws ExperimentError `invalid-argument` for an address that is none, or a timeout of 0
 */
export function httpSink(options: HttpSinkOptions): Sink {
  const { fetch = globalThis.fetch, headers, ...limits } = options
  const url = addressOf(options.url)
  const { timeoutMs } = limitsOf('httpSink', limits, { timeoutMs: 10_000 }, ['timeoutMs'])
  refuseNoFunction('httpSink.fetch', fetch)
  // Not one signal for all requests: each would stay tied to it for as long as the sink lives.
  const underWay = new Set<AbortController>()
  let isClosed = false

  async function deliver(batch: EventBatch): Promise<DeliveryResult> {
    if (isClosed) throw sinkClosed('HTTP')
    const abort = new AbortController()
    const timer = systemTimers.start(() => abort.abort(), timeoutMs, true)
    underWay.add(abort)
    try {
      return await post(batch, abort.signal)
    } finally {
      systemTimers.stop(timer)
      underWay.delete(abort)
    }
  }

  async function post(batch: EventBatch, signal: AbortSignal): Promise<DeliveryResult> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
      body: batch.content,
      // A redirected POST may go on as a GET, and its answer would be one to a question never asked.
      redirect: 'error',
      signal,
    })
    if (response.ok) {
      const answer = JSON.parse(await readUpTo(MAXIMUM_ANSWER_BYTES, response)) as Partial<HttpAnswer> | null
      return { rejected: rejectedIn(answer, batch, url) }
    }
    const detail = (await readUpTo(MAXIMUM_DETAIL_BYTES, response)).slice(0, 200)
    if (response.status === 413) throw tooLarge(url, detail)
    if (MISCONFIGURED.has(response.status)) throw misconfigured(url, response.status, detail)
    if (isPermanent(response.status)) return { rejected: refuseAll(batch, `http-${response.status}`, detail) }
    throw unreachable(url, `it answered ${response.status} ${detail}`)
  }

  return {
    deliver,
    async close() {
      isClosed = true
      for (const abort of underWay) abort.abort()
    },
  }
}

function addressOf(url: string | URL): string {
  const base = String(url)
  // What has a port and no scheme reads as a URL whose scheme is the host.
  if (URL.canParse(base) && /^https?:/i.test(base)) {
    return new URL('v1/events', `${base.replace(/\/*$/, '')}/`).href
  }
  throw new ExperimentError(
    'invalid-argument',
    `${JSON.stringify(base)} is not an address.`,
    'Give the address of the control plane, e.g. http://127.0.0.1:4600.',
  )
}

/** What answers so does not know us, or is not what we took it for: nothing is wrong with the events. */
const MISCONFIGURED: ReadonlySet<number> = new Set([401, 403, 404, 405])

function isPermanent(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429
}

function refuseAll(batch: EventBatch, code: string, detail: string): Rejection[] {
  return Array.from({ length: batch.count }, (_, index) => ({ line: index + 1, code, detail }))
}

/** An answer that does not account for every line is no answer: believing it would lose events in silence. */
function rejectedIn(
  answer: Partial<HttpAnswer> | null,
  batch: EventBatch,
  url: string,
): readonly Rejection[] {
  const { accepted, duplicates, rejected } = answer ?? {}
  if (!Array.isArray(rejected) || (accepted ?? 0) + (duplicates ?? 0) + rejected.length !== batch.count) {
    throw unreachable(url, `its answer does not account for the ${batch.count} lines it was sent`)
  }
  return rejected
}

function tooLarge(url: string, detail: string): ExperimentError {
  return new ExperimentError(
    'too-large',
    `${url} takes no batch of this size: it answered 413 ${detail}.`,
    'The batch is sent in parts; give the recorder a lower `batch.maximumBytes`.',
  )
}

function misconfigured(url: string, status: number, detail: string): ExperimentError {
  return new ExperimentError(
    'misconfigured',
    `${url} did not take a batch: it answered ${status} ${detail}.`,
    'Look at the address and at the credentials in `headers`.',
  )
}

function unreachable(url: string, why: string): ExperimentError {
  return new ExperimentError(
    'unreachable',
    `${url} did not take a batch: ${why}.`,
    'Look whether a control plane of this version listens there; the batch is tried again.',
  )
}

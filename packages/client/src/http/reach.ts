import { systemTimers } from '@fairtrial/exposure'
import { ExperimentError } from '@fairtrial/protocol/error'

/** The part of `fetch` that is used here. */
export type Fetch = (address: string, init: RequestInit) => Promise<Response>

/** What is sent, and what counts as an answer. */
interface Approach {
  readonly init: Omit<RequestInit, 'signal'>
  readonly signal?: AbortSignal
  /** For the whole of it, the body too. */
  readonly timeoutMs: number
  readonly fetch: Fetch | undefined
  /** Statuses that are an answer. */
  readonly accept: readonly number[]
}

/**
 * Sends one request and reads its answer, with an end to it.
 *
 * @throws ExperimentError `unreachable` without a whole answer, `refused` with another status
 */
export async function reach<T>(
  address: string,
  { init, signal, timeoutMs, fetch = globalThis.fetch, accept }: Approach,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  // AbortSignal.any would tie every request to the client's signal for as long as the client lives.
  const abort = new AbortController()
  const stop = () => abort.abort()
  let isTimeout = false
  const tooLate = () => {
    isTimeout = true
    stop()
  }
  const timer = systemTimers.start(tooLate, timeoutMs, true)
  signal?.addEventListener('abort', stop)
  try {
    const response = await fetch(address, { redirect: 'error', ...init, signal: abort.signal })
    if (accept.includes(response.status)) return await read(response)
    throw refusedBy(address, response.status)
  } catch (cause) {
    // Lets go of a body that nobody will read.
    stop()
    if (cause instanceof ExperimentError) throw cause
    throw new ExperimentError(
      'unreachable',
      `${address} cannot be reached: ${isTimeout ? `no whole answer within ${timeoutMs} ms` : reasonOf(cause)}.`,
      'See that the control plane runs and that the address is right.',
      { cause },
    )
  } finally {
    systemTimers.stop(timer)
    signal?.removeEventListener('abort', stop)
  }
}

/** `path` under the address of a control plane, which may have a path of its own. */
export function endpoint(url: string | URL, path: string): string {
  const base = String(url)
  // What has a port and no scheme reads as a URL whose scheme is the host.
  if (URL.canParse(base) && /^https?:/i.test(base)) return new URL(path, `${base.replace(/\/*$/, '')}/`).href
  throw new ExperimentError(
    'invalid-argument',
    `${JSON.stringify(base)} is not an address.`,
    'Give the address of the control plane, e.g. http://127.0.0.1:4600.',
  )
}

/** `fetch` hides why it failed one level down. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error && cause.message !== '' ? cause.message : message
}

/** For a control plane that answers, and not with what it was asked for. */
export function refusedBy(address: string, status: number): ExperimentError {
  const remedy =
    status === 401 || status === 403
      ? "Give a token of the role service: headers: { authorization: 'Bearer …' }."
      : 'See that this is the address of a control plane, and what its log says.'
  return new ExperimentError('refused', `${address} answered ${status}.`, remedy)
}

import { ExperimentError } from '@fairtrial/protocol/error'
import { refuseNoDurations, refuseNoFunction } from '../refusals.ts'
import type { SnapshotMemory, StateSource } from '../source.ts'
import { endpoint, type Fetch } from './reach.ts'
import { StateEvents } from './state-events.ts'
import { type TrustOptions, verifierOf } from './verify-state.ts'

/** How to listen to a control plane. Times in milliseconds. */
export interface SseSourceOptions extends TrustOptions {
  /** Of the control plane: `http://127.0.0.1:4600`. */
  readonly url: string | URL
  /** For the first state. Default 5,000. */
  readonly timeoutMs?: number
  /** How often it is looked whether the stream still speaks. Default 2,000. */
  readonly pollMs?: number
  /** The longest wait after failures. Default 15,000. */
  readonly maximumBackoffMs?: number
  readonly fetch?: Fetch
  /** Sent with each request, for example `authorization`. */
  readonly headers?: { readonly [name: string]: string }
  /** Keeps the last good snapshot over a restart. */
  readonly lastGood?: SnapshotMemory
}

/**
 * The states that a control plane tells at `GET /v1/state/stream`: a change arrives when it is made, not at the next
 * poll. A stream that ends, or is silent for two thirds of a lease, is asked for anew.
 *
 * @throws ExperimentError `invalid-argument` for an address, a time or a key that is none
 */
export function sseSource(options: SseSourceOptions): StateSource {
  const { url, timeoutMs = 5_000, pollMs = 2_000, maximumBackoffMs = 15_000, lastGood } = options
  const address = endpoint(url, 'v1/state/stream')
  refuseNoDurations('sseSource', { pollMs, timeoutMs, maximumBackoffMs })
  refuseNoFunction('sseSource.fetch', options.fetch)
  const verifier = verifierOf(options, address)
  let events: StateEvents | null = null
  let changed: () => void = () => undefined

  function listen(instanceId: string, signal: AbortSignal): StateEvents {
    const opened = new StateEvents({
      address,
      headers: {
        ...options.headers,
        accept: 'text/event-stream',
        'cache-control': 'no-cache',
        'fairtrial-instance': instanceId,
      },
      fetch: options.fetch ?? globalThis.fetch,
      verifier,
      timeoutMs,
      // One that was given up has nothing to say any more.
      changed: () => void (events === opened && changed()),
    })
    const stop = () => opened.stop()
    signal.addEventListener('abort', stop)
    void opened.ended.then(() => signal.removeEventListener('abort', stop))
    return opened
  }

  return {
    pollMs,
    maximumBackoffMs,
    ...(lastGood && { lastGood }),
    watch: (tell) => void (changed = tell),
    async read({ tag, instanceId, signal }) {
      const askedAt = performance.now()
      const refused = events?.end
      if (refused instanceof ExperimentError && refused.code !== 'unreachable') {
        events = null
        throw refused
      }
      if (isSilent(events, askedAt)) events?.stop()
      if (events === null || events.end !== null || isSilent(events, askedAt)) {
        events = listen(instanceId, signal)
      }
      const { first } = events
      await first
      const { told, end } = events
      if (told === null) throw end ?? new Error('nothing was told')
      const validForMs = Math.max(0, told.leaseEndsAt - askedAt)
      return tag === told.tag ? { validForMs } : { snapshot: told.snapshot, tag: told.tag, validForMs }
    },
  }
}

function isSilent(events: StateEvents | null, now: number): boolean {
  const told = events?.told ?? null
  return told !== null && now - told.heardAt > (told.validForMs * 2) / 3
}

import { systemTimers } from '@fairtrial/exposure'
import { ExperimentError } from '@fairtrial/protocol/error'
import { MAXIMUM_SNAPSHOT_BYTES, parseSnapshotText } from './http-source.ts'
import { type Fetch, refusedBy } from './reach.ts'
import { readEvents, type ServerEvent } from './read-events.ts'
import { drawNonce, saidIn, tagOf, type Verifier } from './verify-state.ts'

/** What a stream has told. */
interface Told {
  readonly snapshot: unknown
  readonly tag: string
  /** By this machine's monotonic clock. */
  readonly leaseEndsAt: number
  readonly heardAt: number
  /** Of the lease as it was granted, milliseconds. */
  readonly validForMs: number
}

interface StateEventsParts {
  readonly address: string
  readonly headers: { readonly [name: string]: string }
  readonly fetch: Fetch
  readonly verifier: Verifier | null
  /** For the first event. */
  readonly timeoutMs: number
  /** Told of each event, and of the end. */
  readonly changed: () => void
}

/** One stream of states, from when it is asked for until it ends. */
export class StateEvents {
  told: Told | null = null
  /** Why it ended; null while it has not. */
  end: Error | null = null
  /** Settles with the first event, or with the end. */
  readonly first: Promise<void>
  readonly ended: Promise<void>
  readonly #abort = new AbortController()
  readonly #nonce = drawNonce()
  readonly #parts: StateEventsParts
  #isFirst: () => void = () => undefined
  /**
   * What the issuer's clock shows, less what ours does, at the most. The first event was issued after it was asked
   * for: a lease that is counted like this ends no later than it was granted for, however long an event was on its
   * way, or lay unread in a process that was frozen.
   */
  #ahead = Number.NaN

  constructor(parts: StateEventsParts) {
    this.#parts = parts
    this.first = new Promise((resolve) => {
      this.#isFirst = resolve
    })
    this.ended = this.#run()
  }

  stop(): void {
    this.#abort.abort()
  }

  async #run(): Promise<void> {
    const { address, fetch, timeoutMs, verifier } = this.#parts
    const headers = { ...this.#parts.headers, ...(verifier !== null && { 'fairtrial-nonce': this.#nonce }) }
    const { signal } = this.#abort
    const askedAt = performance.now()
    const timer = systemTimers.start(() => this.#fail(late(address, timeoutMs)), timeoutMs, true)
    void this.first.then(() => systemTimers.stop(timer))
    try {
      const response = await fetch(address, { headers, signal, redirect: 'error' })
      if (response.status !== 200 || response.body === null) {
        void response.body?.cancel()
        throw refusedBy(address, response.status)
      }
      for await (const event of readEvents(response.body, 2 * MAXIMUM_SNAPSHOT_BYTES, address)) {
        const told = await this.#hear(event, askedAt)
        if (told === null) continue
        this.told = told
        this.#isFirst()
        this.#parts.changed()
      }
      throw new Error('the stream ended')
    } catch (cause) {
      this.#fail(cause instanceof ExperimentError ? cause : unreachable(address, cause as Error))
    }
  }

  #fail(error: Error): void {
    if (this.end !== null) return
    this.end = error
    this.#abort.abort()
    this.#isFirst()
    this.#parts.changed()
  }

  /** Null for an event that is not known: a later version may have it. */
  async #hear({ event, data }: ServerEvent, askedAt: number): Promise<Told | null> {
    const { address, verifier } = this.#parts
    if (event !== 'snapshot' && event !== 'renewal') return null
    const fields = (parseSnapshotText(data, address) ?? {}) as { readonly [field: string]: unknown }
    const signature = typeof fields['signature'] === 'string' ? fields['signature'] : null
    if (event === 'snapshot') {
      const text = String(fields['snapshot'])
      const snapshot = parseSnapshotText(text, address)
      // What follows is said to everybody at once. If it is old, so is the lease that is counted from its time.
      const nonce = this.told === null ? this.#nonce : ''
      await verifier?.check(`fairtrial.snapshot/2\n${nonce}\n${text}`, signature, saidIn(snapshot))
      const { issuedAt, validUntil } = (snapshot ?? {}) as { issuedAt: number; validUntil: number }
      refuseNoLease(issuedAt, validUntil - issuedAt, address)
      return this.#leased(askedAt, issuedAt, validUntil - issuedAt, { snapshot, tag: await tagOf(snapshot) })
    }
    const { etag, validForMs, issuedAt } = fields as { etag: string; validForMs: number; issuedAt: number }
    refuseNoLease(issuedAt, validForMs, address)
    if (this.told === null || etag !== this.told.tag) throw stray(address)
    const text = `fairtrial.renewal/2\n\n${etag}\n${validForMs}\n${issuedAt}`
    await verifier?.check(text, signature, { issuedAt, revision: null })
    return this.#leased(askedAt, issuedAt, validForMs, this.told)
  }

  #leased(
    askedAt: number,
    issuedAt: number,
    validForMs: number,
    { snapshot, tag }: { readonly snapshot: unknown; readonly tag: string },
  ): Told {
    if (Number.isNaN(this.#ahead)) this.#ahead = issuedAt - askedAt
    const leaseEndsAt = issuedAt - this.#ahead + validForMs
    return { snapshot, tag, leaseEndsAt, validForMs, heardAt: performance.now() }
  }
}

/** What is no number would be a lease that never ends. */
function refuseNoLease(issuedAt: number, validForMs: number, address: string): void {
  if (Number.isSafeInteger(issuedAt) && Number.isSafeInteger(validForMs)) return
  throw new ExperimentError(
    'invalid-state',
    `${address} does not say how long its lease lasts.`,
    'See that a control plane listens there.',
  )
}

function late(address: string, timeoutMs: number): ExperimentError {
  return unreachable(address, new Error(`no state within ${timeoutMs} ms`))
}

function stray(address: string): ExperimentError {
  return new ExperimentError(
    'refused',
    `${address} renews a lease on a state that it has not told.`,
    'See what stands between this service and its control plane: events are lost there.',
  )
}

function unreachable(address: string, cause: Error): ExperimentError {
  const { message, cause: below } = cause
  const why = below instanceof Error && below.message !== '' ? below.message : message
  return new ExperimentError(
    'unreachable',
    `${address} cannot be heard: ${why}.`,
    'See that the control plane runs and that the address is right.',
    { cause },
  )
}

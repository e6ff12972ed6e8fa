import type { Tell } from '../notice.ts'
import type { Plane } from '../plane.ts'
import { Refused } from '../refused.ts'
import type { Asked } from '../route.ts'
import { type EventStream, eventText, openEvents } from './event-stream.ts'
import type { Renewal, Signer } from './signer.ts'

/** More readers than this are refused: each holds a connection. */
const MAXIMUM_READERS = 2_000

/** How many leases long a stream lasts; then the reader asks again, and shows that it is alive. */
const LEASES_OF_A_STREAM = 10

/** Tells states to whoever listens, as they change, and renews their leases. */
export interface StateStream {
  /**
   * Answers with the state of now, then with each that follows.
   *
   * @param nonce is signed with the first; what follows is signed once for all
   */
  open(asked: Asked, instanceId: string, nonce: string): Promise<void>
  /** Looks at once after a change. */
  readonly take: Tell
  counts(): { readonly readers: number; readonly cut: number; readonly published: number }
  close(): void
}

/** A reader, and what it was last told. */
interface Reader {
  readonly stream: EventStream
  readonly instanceId: string
  readonly openedAt: number
  etag: string
  toldAt: number
}

/** One reading of the states and one signature for all readers; a lease for each of them. */
export function createStateStream(
  plane: Plane,
  signer: Signer | null,
  log: (line: string) => void,
): StateStream {
  const readers = new Set<Reader>()
  let cut = 0
  let published = 0
  let failure = ''
  let running: Promise<void> | null = null
  let isWanted = false

  /** A change to everybody who has not heard of it; a renewal where a third of the lease is over. */
  async function publish(): Promise<void> {
    forgetGone(plane.now())
    if (readers.size === 0) return
    const { etag: inForce } = await plane.lease([])
    const due = [...readers].filter(
      ({ etag, toldAt }) => etag !== inForce || plane.now() - toldAt >= plane.leaseMs / 3,
    )
    if (due.length === 0) return
    const { snapshot, etag, leaseMs } = await plane.lease(due.map(({ instanceId }) => instanceId))
    const { issuedAt } = snapshot
    const news = once(() => snapshotEvent(JSON.stringify(snapshot), etag))
    const renewal = once(() => renewalEvent({ etag, validForMs: leaseMs, issuedAt }))
    published += 1
    for (const reader of due) {
      reader.stream.send(reader.etag === etag ? renewal() : news())
      reader.etag = etag
      reader.toldAt = issuedAt
    }
  }

  function snapshotEvent(body: string, etag: string, nonce = ''): string {
    return eventText('snapshot', { snapshot: body, ...signer?.signSnapshot(body, nonce) }, etag)
  }

  function renewalEvent(renewal: Renewal): string {
    return eventText('renewal', { ...renewal, ...signer?.signRenewal(renewal) })
  }

  /** A reader that stands still would be granted leases for ever: now and then each must ask again. */
  function forgetGone(now: number): void {
    for (const reader of readers) {
      if (now - reader.openedAt > LEASES_OF_A_STREAM * plane.leaseMs) reader.stream.end()
      if (!reader.stream.isOpen) readers.delete(reader)
    }
  }

  /** One at a time, so that no reader is told an older state after a newer one. */
  function look(): void {
    isWanted = true
    running ??= (async () => {
      while (isWanted) {
        isWanted = false
        const failed = await publish().then(
          () => '',
          (error: unknown) => (error as Error).message,
        )
        // Nothing is said to readers: their leases end, and control is served.
        if (failed !== failure && failed !== '') log(`no state can be told: ${failed}`)
        failure = failed
      }
      running = null
    })()
  }

  const timer = setInterval(look, Math.max(10, Math.min(plane.tickMs, plane.leaseMs / 6)))

  return {
    async open(asked, instanceId, nonce) {
      forgetGone(plane.now())
      if (readers.size >= MAXIMUM_READERS) {
        throw new Refused(503, 'too-many-streams', `${MAXIMUM_READERS} readers have a stream already.`, {
          remedy: 'Ask GET /v1/state instead.',
        })
      }
      const { snapshot, etag } = await plane.lease([instanceId])
      const stream = openEvents(asked, () => (cut += 1))
      stream.send(snapshotEvent(JSON.stringify(snapshot), etag, nonce))
      const { issuedAt } = snapshot
      readers.add({ stream, instanceId, openedAt: issuedAt, etag, toldAt: issuedAt })
      look()
    },
    take(notice) {
      if (notice.kind === 'transition') look()
    },
    counts() {
      forgetGone(plane.now())
      return { readers: readers.size, cut, published }
    },
    close: () => clearInterval(timer),
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => (made ??= { value: make() }).value
}

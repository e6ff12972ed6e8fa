import type { Backlog } from './backlog.ts'
import { type Clock, monotonic } from './clock.ts'
import { type Delivery, messageOf } from './delivery.ts'
import { OUTCOME_SHARE, type Queue } from './queue.ts'

/** Whether events arrive: `healthy`; late, but they are safe where they are; `failing`: they will be lost. */
export type HealthStatus = 'healthy' | 'degraded' | 'failing'

/**
 * What stands in the way of events.
 * - `sink-failing`: the sink takes nothing now; tried again
 * - `sink-misconfigured`: it never will, before somebody mends something (credentials, a topic); tried again slowly
 * - `spool-failing`: nothing can be kept on disk; events are in memory only
 * - `spool-filling`, `queue-filling`: more than half full; from 80 % on outcomes are refused
 */
export type HealthCode =
  | 'sink-failing'
  | 'sink-misconfigured'
  | 'spool-failing'
  | 'spool-filling'
  | 'queue-filling'

/** One thing that stands in the way. */
export interface HealthReason {
  readonly code: HealthCode
  readonly status: 'degraded' | 'failing'
  /** One sentence; of a failure, what was said last. */
  readonly message: string
  /** For how long, in milliseconds by the monotonic clock; of a failure only. */
  readonly forMs?: number
}

/** How a recorder is. */
export interface Health {
  /** The worst of the reasons. */
  readonly status: HealthStatus
  readonly reasons: readonly HealthReason[]
  /** What is in memory only, and how full that is, of 1. */
  readonly queue: { readonly events: number; readonly bytes: number; readonly share: number }
  /**
   * What is in the spool; null without one, or while it cannot be opened. `events` are those that are pending; `bytes`
   * are what it takes of the disk, so they may outlast the events until a segment is full or the recorder is closed.
   */
  readonly spool: { readonly events: number; readonly bytes: number; readonly share: number } | null
}

export interface HealthPorts {
  readonly queue: Queue
  readonly delivery: Delivery
  readonly backlog: Backlog | undefined
  readonly clock: Clock
}

const FILLING_SHARE = 0.5

export function healthOf({ queue, delivery, backlog, clock }: HealthPorts): Health {
  const now = monotonic(clock)
  const reasons: HealthReason[] = []
  const { failure } = delivery
  if (failure !== undefined) {
    reasons.push({
      code: failure.isMisconfigured ? 'sink-misconfigured' : 'sink-failing',
      status: failure.isMisconfigured ? 'failing' : 'degraded',
      message: messageOf(failure.cause),
      forMs: now - failure.since,
    })
  }
  const broken = backlog?.failure
  if (broken !== undefined) {
    reasons.push({
      code: 'spool-failing',
      // Without either, what is offered now will be lost.
      status: failure === undefined ? 'degraded' : 'failing',
      message: messageOf(broken.cause),
      forMs: now - broken.since,
    })
  }
  const status = backlog?.status
  if (status !== undefined) reasons.push(...filling('spool', status.share))
  reasons.push(...filling('queue', queue.share))
  return {
    status: worst(reasons),
    reasons,
    queue: { events: queue.events, bytes: queue.bytes, share: queue.share },
    spool: status === undefined ? null : { events: status.events, bytes: status.bytes, share: status.share },
  }
}

function filling(place: 'spool' | 'queue', share: number): HealthReason[] {
  if (share < FILLING_SHARE) return []
  const isRefusing = share >= OUTCOME_SHARE
  return [
    {
      code: `${place}-filling`,
      status: isRefusing ? 'failing' : 'degraded',
      message: `The ${place} is ${Math.floor(share * 100)} % full${isRefusing ? ': outcomes are refused' : ''}.`,
    },
  ]
}

function worst(reasons: readonly HealthReason[]): HealthStatus {
  if (reasons.some(({ status }) => status === 'failing')) return 'failing'
  return reasons.length > 0 ? 'degraded' : 'healthy'
}

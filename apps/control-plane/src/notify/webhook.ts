import { createHmac } from 'node:crypto'
import type { Notification } from './notification.ts'
import { ForbiddenAddress, postGuarded, type Resolve } from './post-guarded.ts'
import { slackMessage } from './slack.ts'
import type { WebhookUrl } from './webhook-url.ts'

/** Notifications that may wait for a receiver; beyond it the oldest goes. */
const MAXIMUM_PENDING = 1_000
const TIMEOUT_MS = 10_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 300_000
/** Failures in a row after which it is told that a receiver does not answer. */
const FAILURES_TOLD = 3

export interface WebhookOptions {
  readonly to: WebhookUrl
  readonly shape: 'json' | 'slack'
  /** Signs what is sent; null signs nothing. */
  readonly secret: string | null
  /** Epoch milliseconds. */
  readonly now: () => number
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number
  /** Told of what was given up, and of a receiver that does not answer. */
  readonly onFailure: (failure: WebhookFailure) => void
  readonly resolve?: Resolve
}

/** What could not be delivered, or not yet. */
export interface WebhookFailure {
  readonly host: string
  readonly notification: Notification
  /** `waiting` is tried again, for ever; `refused` and `dropped` are not. */
  readonly outcome: 'waiting' | 'refused' | 'dropped'
  readonly attempts: number
  readonly why: string
}

/** Delivers notifications to one receiver, in their order. */
export interface Webhook {
  readonly host: string
  send(notification: Notification): void
  readonly counts: { readonly delivered: number; readonly refused: number; readonly dropped: number }
  readonly pending: number
  /** Tries once more what waits, for so long at most. */
  close(graceMs: number): Promise<void>
}

/**
 * A receiver that cannot be reached, or says that it is not its day (408, 425, 429, 5xx), is tried again for ever, after
 * pauses that grow and are drawn at random from nothing to all of their length (full jitter). One that refuses (any other
 * status) is not asked again for the same notification, and the next one has its turn.
 */
export function createWebhook(options: WebhookOptions): Webhook {
  const { to, shape, secret, now, random, onFailure, resolve } = options
  const waiting: Notification[] = []
  const counts = { delivered: 0, refused: 0, dropped: 0 }
  let failures = 0
  let isSending = false
  let isClosing = false
  const givenUp = new AbortController()
  let pause: { readonly timer: NodeJS.Timeout; readonly end: () => void } | null = null

  function fail(notification: Notification, outcome: WebhookFailure['outcome'], why: string): void {
    onFailure({ host: to.host, notification, outcome, attempts: failures, why })
  }

  async function attempt(
    notification: Notification,
  ): Promise<{ retry: false } | { retry: true; afterMs: number }> {
    const again = (why: string, askedMs: number | null) => {
      failures += 1
      if (failures === FAILURES_TOLD) fail(notification, 'waiting', why)
      return { retry: true, afterMs: pauseMs(failures, random, askedMs) } as const
    }
    const refused = (why: string) => {
      counts.refused += 1
      fail(notification, 'refused', why)
      return { retry: false } as const
    }
    const body = JSON.stringify(shape === 'slack' ? slackMessage(notification) : notification)
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'fairtrial',
      'fairtrial-delivery': encodeURIComponent(notification.id),
      ...(secret !== null && { 'fairtrial-signature': signature(secret, now(), body) }),
    }
    try {
      const { status, retryAfterMs } = await postGuarded(to, body, headers, {
        timeoutMs: TIMEOUT_MS,
        signal: givenUp.signal,
        ...(resolve && { resolve }),
      })
      if (status >= 200 && status < 300) {
        counts.delivered += 1
        failures = 0
        return { retry: false }
      }
      const isForNow = status >= 500 || status === 408 || status === 425 || status === 429
      return isForNow ? again(`answered ${status}`, retryAfterMs) : refused(`answered ${status}`)
    } catch (error) {
      const { message } = error as Error
      return error instanceof ForbiddenAddress ? refused(message) : again(message, null)
    }
  }

  async function work(): Promise<void> {
    for (let next; (next = waiting[0]) !== undefined; ) {
      const outcome = await attempt(next)
      // It may have been dropped meanwhile.
      if (!outcome.retry) {
        if (waiting[0] === next) waiting.shift()
      } else if (isClosing) return
      else await sleep(outcome.afterMs)
    }
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((end) => {
      pause = { timer: setTimeout(end, ms).unref(), end }
    })
  }

  let working: Promise<void> = Promise.resolve()
  function begin(): void {
    if (isSending) return
    isSending = true
    working = work().finally(() => {
      isSending = false
      // What came while the last one was ending.
      if (waiting.length > 0 && !isClosing) begin()
    })
  }

  return {
    host: to.host,
    counts,
    get pending() {
      return waiting.length
    },
    send(notification) {
      if (waiting.length >= MAXIMUM_PENDING) {
        const oldest = waiting.shift()
        counts.dropped += 1
        if (oldest !== undefined) fail(oldest, 'dropped', `more than ${MAXIMUM_PENDING} wait`)
      }
      waiting.push(notification)
      begin()
    },
    async close(graceMs) {
      isClosing = true
      if (pause !== null) {
        clearTimeout(pause.timer)
        pause.end()
      }
      let timer: NodeJS.Timeout | undefined
      const over = new Promise<void>((end) => {
        timer = setTimeout(end, graceMs)
      })
      await Promise.race([working, over])
      clearTimeout(timer)
      // A receiver that takes and never answers would keep the process.
      givenUp.abort()
    },
  }
}

/**
 * How long to wait after so many failures in a row: at least as long as was asked for, else drawn from nothing to a length
 * that doubles; five minutes at most.
 */
export function pauseMs(failures: number, random: () => number, askedMs: number | null): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1))
  return Math.min(LONGEST_PAUSE_MS, Math.max(askedMs ?? 0, random() * longest))
}

/** `t=SECONDS,v1=HEX`, an HMAC-SHA256 over `SECONDS.BODY`: what was caught on the way is good for as long as the receiver lets it be. */
function signature(secret: string, now: number, body: string): string {
  const t = Math.floor(now / 1_000)
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`
}

import { logs } from '@opentelemetry/api-logs'
import type { EventLogger } from '@fairtrial/exposure/otel'
import type { RollbackProof } from '@fairtrial/rollout'
import type { Metric } from '../metrics/metric.ts'
import type { KeepingRoom } from '../notice.ts'
import { plain } from '../trail/fact-of.ts'
import type { Trail } from '../trail/trail.ts'
import { type Notification, proofNotification, transitionNotification } from './notification.ts'
import { emitNotification } from './otel-events.ts'
import type { Resolve } from './post-guarded.ts'
import { watchTicks } from './watch-ticks.ts'
import { createWebhook, type Webhook, type WebhookFailure } from './webhook.ts'
import { type WebhookHosts, webhookUrl } from './webhook-url.ts'

/** How long the end of the process waits for what is still to be delivered. */
const GRACE_MS = 2_000
/** What another replica should have told so lately may have been lost with it: who leads next tells it, once more perhaps. */
const TOLD_BY_NEXT_MS = 120_000
/** Of notifications that are dropped, one a minute is written down; the counter has them all. */
const DROPS_REST_MS = 60_000

/** Whom to tell. */
export interface Receiver {
  readonly url: string
  /** `slack`: as Slack's incoming webhooks take it. */
  readonly shape: 'json' | 'slack'
}

export interface NotifierOptions {
  readonly receivers: readonly Receiver[]
  readonly hosts: WebhookHosts
  /** Signs what receivers are sent; null signs nothing. */
  readonly secret: string | null
  /** Where failures are written down. */
  readonly trail: Pick<Trail, 'append'>
  readonly now: () => number
  readonly log: (line: string) => void
  /** From 0 to 1, 1 excluded. Default: Math.random. */
  readonly random?: () => number
  readonly resolve?: Resolve
  /** Default: that of whichever OpenTelemetry SDK the process has loaded. */
  readonly logger?: EventLogger
}

/**
 * Tells people what happens: webhooks, chats, OpenTelemetry. Nothing waits for it, and nothing depends on it.
 *
 * @throws ExperimentError `invalid-argument` for a receiver that may not be asked
 */
export function createNotifier(options: NotifierOptions): KeepingRoom {
  const { receivers, hosts, secret, trail, now, log, random = Math.random, resolve } = options
  const logger = options.logger ?? logs.getLogger('fairtrial')
  const watches = new Map<string, ReturnType<typeof watchTicks>>()
  const proofs = new Map<string, RollbackProof>()
  /** Of experiments that another replica leads: what it tells. */
  const left = new Map<string, Notification[]>()
  let droppedAt = Number.NEGATIVE_INFINITY

  const webhooks: readonly Webhook[] = receivers.map(({ url, shape }) =>
    createWebhook({
      to: webhookUrl(url, hosts),
      shape,
      secret,
      now,
      random,
      onFailure: noteFailure,
      ...(resolve && { resolve }),
    }),
  )

  function noteFailure({ host, notification, outcome, attempts, why }: WebhookFailure): void {
    if (outcome === 'dropped' && now() - droppedAt < DROPS_REST_MS) return
    if (outcome === 'dropped') droppedAt = now()
    const then = outcome === 'waiting' ? 'it is tried again for ever' : `it is ${outcome}`
    log(`notification ${notification.id} to ${host}: ${why}; ${then}.`)
    const { id, kind, experiment } = notification
    trail
      .append({
        at: now(),
        by: 'controller',
        role: 'controller',
        kind: 'notification-failed',
        experiment,
        detail: plain({ host, notification: id, kind, outcome, attempts, why }),
      })
      // The trail tells of itself.
      .catch(() => undefined)
  }

  function tell(notification: Notification): void {
    for (const webhook of webhooks) webhook.send(notification)
    emitNotification(logger, notification)
  }

  /** Of several replicas the leader tells what all of them hear of. */
  function tellIfLeading(notification: Notification): void {
    const others = left.get(notification.experiment)
    if (others === undefined) tell(notification)
    else others.push(notification)
  }

  function noteLeader(experiment: string, isLeader: boolean): void {
    const others = left.get(experiment)
    const isLate = ({ at }: Notification) => now() - at > TOLD_BY_NEXT_MS
    if (isLeader) {
      left.delete(experiment)
      for (const notification of others ?? []) if (!isLate(notification)) tell(notification)
    } else
      left.set(
        experiment,
        (others ?? []).filter((notification) => !isLate(notification)),
      )
  }

  return {
    routes: [],
    take(notice) {
      if (notice.kind === 'transition') {
        const { revision } = notice.transition.to
        if (revision > (proofs.get(notice.experiment)?.revision ?? 0)) proofs.delete(notice.experiment)
        tellIfLeading(transitionNotification(notice.transition))
      }
      if (notice.kind === 'proof') {
        const { experiment, at, proof } = notice
        proofs.set(experiment, proof)
        const notification = proofNotification(experiment, at, proof)
        // Each replica sees the instances that ask it: an alarm may be known to this one alone.
        if (proof.proved) tellIfLeading(notification)
        else tell(notification)
      }
      if (notice.kind === 'tick') {
        const { experiment, result } = notice
        noteLeader(experiment.key, result.leader)
        const watch = watches.get(experiment.key) ?? watchTicks()
        watches.set(experiment.key, watch)
        for (const notification of watch(experiment, result)) tell(notification)
      }
    },
    metrics: () => metricsOf(webhooks, proofs),
    async close() {
      await Promise.all(webhooks.map((webhook) => webhook.close(GRACE_MS)))
    },
  }
}

function metricsOf(
  webhooks: readonly Webhook[],
  proofs: ReadonlyMap<string, RollbackProof>,
): readonly Metric[] {
  const told = [...proofs].map(([experiment, proof]) => ({ labels: { experiment }, proof }))
  return [
    {
      name: 'fairtrial_notifications_total',
      help: 'Notifications by what became of them.',
      type: 'counter',
      samples: webhooks.flatMap(({ counts }, i) =>
        (['delivered', 'refused', 'dropped'] as const).map((outcome) => ({
          labels: { receiver: String(i + 1), outcome },
          value: counts[outcome],
        })),
      ),
    },
    {
      name: 'fairtrial_notifications_pending',
      help: 'Notifications that wait for their receiver.',
      type: 'gauge',
      samples: webhooks.map(({ pending }, i) => ({ labels: { receiver: String(i + 1) }, value: pending })),
    },
    {
      name: 'fairtrial_rollback_violations',
      help: 'Instances and variants that were served after a rollback had withdrawn them. Page somebody above 0.',
      type: 'gauge',
      samples: told.map(({ labels, proof }) => ({ labels, value: proof.violated.length })),
    },
    {
      name: 'fairtrial_rollback_unproved',
      help: '1 where a rollback should be proved by now and is not.',
      type: 'gauge',
      samples: told.map(({ labels, proof }) => ({ labels, value: proof.proved ? 0 : 1 })),
    },
  ]
}

import type { EventLogger } from '@fairtrial/exposure/otel'
import type { Experiment } from '@fairtrial/protocol'
import type { HistoryTable, TrailTable } from '@fairtrial/rollout/postgres'
import { openDecisions } from './decisions/decisions.ts'
import { openHistory } from './history/history.ts'
import type { KeepingRoom } from './notice.ts'
import { createNotifier, type Receiver } from './notify/notifier.ts'
import { readReceivers, readSigningSecret } from './notify/read-receivers.ts'
import type { WebhookHosts } from './notify/webhook-url.ts'
import { createTrail, type Trail } from './trail/trail.ts'
import { openTrailFile } from './trail/trail-file.ts'
import { openTrailTable } from './trail/trail-table.ts'

/** Whom the control plane tells of what happens. */
export interface TellingOptions {
  /** A URL that begins with `@` is that in a file. */
  readonly receivers?: readonly Receiver[]
  /** Default: any host that is public. */
  readonly webhookHosts?: WebhookHosts
  /** Of what signs what receivers are sent. */
  readonly webhookSecretFile?: string
  /** Takes events. Default: that of whichever OpenTelemetry SDK the process has loaded. */
  readonly logger?: EventLogger
}

export interface KeepingOptions extends TellingOptions {
  readonly experiments: readonly Experiment[]
  /** The data directory. */
  readonly directory: string
  /** Of all replicas, where there are several. Default: a file in the data directory. */
  readonly trailTable?: TrailTable
  /** The same. */
  readonly historyTable?: HistoryTable
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly log: (line: string) => void
}

/** What the control plane keeps and tells of what happens in it. */
export interface KeepingRooms {
  /** In the order in which they are told, and closed. */
  readonly rooms: readonly KeepingRoom[]
  readonly trail: Trail
}

/** Opens the rooms. Rejects, and leaves none open, where one cannot be opened. */
export async function openKeepingRooms(options: KeepingOptions): Promise<KeepingRooms> {
  const { now, log, logger, receivers = [], webhookSecretFile } = options
  const { webhookHosts = { allowed: null, private: [] } } = options
  const { directory, trailTable } = options
  const store = await (trailTable === undefined ? openTrailFile(directory, log) : openTrailTable(trailTable))
  const trail = createTrail(store, log)
  try {
    const notifier = createNotifier({
      receivers: await readReceivers(receivers),
      hosts: webhookHosts,
      secret: webhookSecretFile === undefined ? null : await readSigningSecret(webhookSecretFile),
      trail,
      now,
      log,
      ...(logger && { logger }),
    })
    const history = await openHistory(options)
    // The trail is the last to close: the others may still have something to write into it.
    return { rooms: [notifier, history, openDecisions(trail, now), trail], trail }
  } catch (error) {
    await trail.close()
    throw error
  }
}

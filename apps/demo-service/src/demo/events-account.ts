import type { Account } from '@fairtrial/exposure'
import type { Printed } from './processes.ts'
import type { TrafficCount } from './traffic.ts'

/** What became of every event: as those say who recorded them, and as the log has it. */
export interface EventsAccount {
  readonly text: string
  /** Whether all that services delivered is in the log, and nothing else is. */
  readonly isBalanced: boolean
}

/**
 * Holds the services' accounts against the log. A batch whose answer was lost may be in the log although its
 * sender gave it up, so the log may have as many more as were dropped; it must never have less.
 *
 * @param services what each printed as it ended
 * @param logged events that stand in the log
 */
export function accountEvents(
  traffic: TrafficCount,
  services: readonly Printed[],
  logged: { readonly exposures: number; readonly outcomes: number },
): EventsAccount {
  const accounts = services.map(({ instanceId, account }) => ({
    name: String(instanceId),
    ...(account as Account),
  }))
  const total = (count: (account: Account) => number) => accounts.reduce((sum, one) => sum + count(one), 0)
  const delivered = total((one) => one.delivered)
  const dropped = total((one) => droppedOf(one))
  const inLog = logged.exposures + logged.outcomes
  const isWhole = accounts.every(
    (one) => one.offered === one.delivered + one.deduplicated + droppedOf(one) + one.pending,
  )
  const isBalanced = isWhole && inLog >= delivered && inLog <= delivered + dropped
  const verdict =
    inLog === delivered ? 'every one delivered' : isBalanced ? 'some of them given up' : 'A DIFFERENCE'
  const lines = [
    '',
    `Events (${traffic.viewers} viewers, ${traffic.requests} requests, ${traffic.failures} failed)`,
    ...accounts.map(
      (one) =>
        `  ${one.name}: ${one.offered} offered = ${one.delivered} delivered + ${one.deduplicated} deduplicated + ` +
        `${droppedOf(one)} dropped + ${one.pending} pending`,
    ),
    `  delivered ${delivered}, in the log ${inLog} (${logged.exposures} exposures, ${logged.outcomes} outcomes): ${verdict}`,
  ]
  return { text: lines.join('\n'), isBalanced }
}

function droppedOf({ dropped }: Account): number {
  return Object.values(dropped).reduce((sum, count) => sum + count, 0)
}

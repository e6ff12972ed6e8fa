import type { DropReason, Ledger } from './account.ts'
import type { Delivery } from './delivery.ts'
import type { Bookkeeping } from './outbox.ts'
import type { PendingBatch } from './queue.ts'
import type { EventBatch, EventKind } from './sink.ts'
import type { EventCounts, SpoolRecovery } from './spool.ts'

export interface BookkeeperPorts {
  /** Of what was offered in this process. */
  readonly ledger: Ledger
  /** Of what earlier processes left in the spool. */
  readonly earlier: Ledger
  readonly isEarlier: (position: number) => boolean
  /** An exposure was lost out of this scope. */
  readonly onLost: (scope: string, unitId: string) => void
  readonly delivery: Delivery
  readonly warn: (reason: DropReason, count: number, cause: unknown) => void
}

/** Enters into the account what becomes of batches. */
export function bookkeeper(ports: BookkeeperPorts): Bookkeeping {
  const { ledger, earlier, isEarlier, onLost, delivery, warn } = ports
  /** The ledger of the batch that was last taken from the spool. */
  let owner = ledger

  /** @param lost by line, from 1 */
  function enter(
    batch: EventBatch & Partial<PendingBatch>,
    lost: ReadonlyMap<number, DropReason>,
    isSpooled: boolean,
  ) {
    const arrived = { exposure: 0, outcome: 0, summary: 0 }
    for (let index = 0; index < batch.count; index++) {
      const kind = batch.kinds[index]!
      const reason = lost.size === 0 ? undefined : lost.get(index + 1)
      if (reason === undefined) {
        arrived[kind]++
        continue
      }
      owner.lose(kind, reason, isSpooled)
      const scope = batch.scopes?.[index]
      if (typeof scope === 'string') onLost(scope, batch.unitIds[index]!)
    }
    for (const kind of KINDS) owner.deliver(kind, arrived[kind], isSpooled)
  }

  function loseDamaged(damaged: EventCounts): void {
    for (const kind of KINDS) {
      for (let i = 0; i < damaged[kind]; i++) owner.lose(kind, 'spool-damaged', true)
      if (damaged[kind] > 0) warn('spool-damaged', damaged[kind], undefined)
    }
  }

  return {
    kept: ({ count }) => ledger.move(count, 'queued', 'spooled'),
    departed(kept, count) {
      owner = kept !== undefined && isEarlier(kept.batch.position) ? earlier : ledger
      owner.move(count, kept === undefined ? 'queued' : 'spooled', 'inFlight')
    },
    returned: (count) => owner.move(count, 'inFlight', 'spooled'),
    settled(batch, { rejected, givenUp }) {
      const late = delivery.isStopped ? 'shutdown' : 'deadline'
      const lost = new Map<number, DropReason>(givenUp.map((line) => [line, late]))
      for (const { line } of rejected) lost.set(line, 'rejected')
      enter(batch, lost, false)
      if (rejected.length > 0) warn('rejected', rejected.length, rejected[0])
      if (givenUp.length > 0) warn(late, givenUp.length, delivery.lastFailure)
    },
    settledKept({ batch, scopes }, { rejected }) {
      if ('damaged' in batch) return loseDamaged(batch.damaged)
      const lost = new Map<number, DropReason>(rejected.map(({ line }) => [line, 'rejected']))
      enter({ ...batch, ...(scopes && { scopes }) }, lost, true)
      if (rejected.length > 0) warn('rejected', rejected.length, rejected[0])
    },
  }
}

const KINDS: readonly EventKind[] = ['exposure', 'outcome', 'summary']

/** The account of earlier processes, as their spool tells it. */
export function carry(ledger: Ledger, recovery: SpoolRecovery): void {
  const { account } = recovery
  if (account === null) return
  for (const [kind, tally] of [
    ['exposure', account.exposures],
    ['outcome', account.outcomes],
    ['summary', account.summaries],
  ] as const) {
    Object.assign(ledger[kind], { ...tally, dropped: { ...tally.dropped } })
    ledger.pendingIn.spooled += tally.pending
  }
}

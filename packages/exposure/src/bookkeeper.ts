import type { DropReason, Ledger } from './account.ts'
import type { Delivery } from './delivery.ts'
import type { Bookkeeping } from './outbox.ts'
import type { PendingBatch } from './queue.ts'
import type { EventBatch, EventKind } from './sink.ts'
import type { SpoolRecovery } from './spool.ts'

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

  function lost({ unitIds }: EventBatch, scopes: PendingBatch['scopes'] | undefined, index: number): void {
    const scope = scopes?.[index]
    if (typeof scope === 'string') onLost(scope, unitIds[index]!)
  }

  return {
    kept: ({ count }) => ledger.move(count, 'queued', 'spooled'),
    departed(kept, count) {
      owner = kept !== undefined && isEarlier(kept.batch.position) ? earlier : ledger
      owner.move(count, kept === undefined ? 'queued' : 'spooled', 'inFlight')
    },
    returned: (count) => owner.move(count, 'inFlight', 'spooled'),
    settled(batch, sent) {
      const rejected = new Set(sent.rejected.map(({ line }) => line))
      const givenUp = new Set(sent.givenUp)
      const late = delivery.isStopped ? 'shutdown' : 'deadline'
      for (const [index, kind] of batch.kinds.entries()) {
        const isRejected = rejected.has(index + 1)
        if (!isRejected && !givenUp.has(index + 1)) {
          ledger.deliver(kind)
          continue
        }
        ledger.lose(kind, isRejected ? 'rejected' : late)
        lost(batch, batch.scopes, index)
      }
      if (rejected.size > 0) warn('rejected', rejected.size, sent.rejected[0])
      if (givenUp.size > 0) warn(late, givenUp.size, delivery.lastFailure)
    },
    settledKept({ batch, scopes }, sent) {
      if ('damaged' in batch) {
        for (const [kind, count] of Object.entries(batch.damaged) as [EventKind, number][]) {
          for (let i = 0; i < count; i++) owner.lose(kind, 'spool-damaged', true)
          if (count > 0) warn('spool-damaged', count, undefined)
        }
        return
      }
      const rejected = new Set(sent.rejected.map(({ line }) => line))
      for (const [index, kind] of batch.kinds.entries()) {
        if (!rejected.has(index + 1)) {
          owner.deliver(kind, true)
          continue
        }
        owner.lose(kind, 'rejected', true)
        lost(batch, scopes, index)
      }
      if (rejected.size > 0) warn('rejected', rejected.size, sent.rejected[0])
    },
  }
}

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

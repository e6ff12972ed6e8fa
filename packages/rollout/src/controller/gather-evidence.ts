import { auditReport, createAudit, foldAudit } from '@fairtrial/fidelity'
import type { Audit } from '@fairtrial/fidelity'
import { createFold, foldEvents, summaryOf } from '@fairtrial/metrics'
import type { Fold } from '@fairtrial/metrics'
import type { AuditReport, Evaluation, Experiment } from '@fairtrial/protocol'
import { evaluate } from '@fairtrial/sequential'
import type { EventLog } from './event-log.ts'

/** What one look at the log has brought. */
export interface Gathered {
  readonly evaluation: Evaluation
  readonly audit: AuditReport
  readonly eventsRead: number
  readonly bytesRead: number
}

/** Evidence of one phase, kept up with the log: each look reads only what is new. */
export interface EvidenceKeeper {
  readonly phase: number
  /** Rejects when the log cannot be read; the look is then lost, and no event. */
  gather(now: number): Promise<Gathered>
}

export function createEvidenceKeeper(experiment: Experiment, log: EventLog, phase: number): EvidenceKeeper {
  const fold: Fold = createFold(experiment, { phase })
  const audit: Audit = createAudit(experiment, { phase })
  let cursor: unknown = null
  return {
    phase,
    async gather(now) {
      let eventsRead = 0
      let bytesRead = 0
      for (let more = true; more; ) {
        const batch = await log.readFrom(cursor)
        foldEvents(fold, batch.events)
        foldAudit(audit, batch.events, { unreadableLines: batch.unreadableLines })
        cursor = batch.cursor
        eventsRead += batch.events.length
        bytesRead += batch.bytesRead
        more = batch.more ?? false
      }
      return {
        evaluation: evaluate(experiment, summaryOf(fold, now)),
        audit: auditReport(audit, { asOf: now }),
        eventsRead,
        bytesRead,
      }
    },
  }
}

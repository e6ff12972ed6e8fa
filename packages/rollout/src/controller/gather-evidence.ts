import { auditReport, createAudit, foldAudit } from '@fairtrial/fidelity'
import type { Audit } from '@fairtrial/fidelity'
import { createFold, foldEvents, summaryOf } from '@fairtrial/metrics'
import type { Fold } from '@fairtrial/metrics'
import { ExperimentError } from '@fairtrial/protocol'
import type { AuditReport, Evaluation, Experiment } from '@fairtrial/protocol'
import type { Incomplete } from '../half-a-log.ts'
import type { EventLog } from './event-log.ts'
import type { LookKeeper } from './look-keeper.ts'
import type { PhaseHistory } from './phase-history.ts'

/** What one look at the log has brought. */
export interface Gathered {
  readonly evaluation: Evaluation
  /** Null of half a log: what has not come yet would be a loss. */
  readonly audit: AuditReport | null
  readonly incomplete: Incomplete | null
  readonly eventsRead: number
  readonly bytesRead: number
  /** Why a look that was due could not be recorded, and was therefore not taken; null where there is nothing to tell. */
  readonly error: Error | null
}

/** Evidence of one phase, kept up with the log: each look reads only what is new. */
export interface EvidenceKeeper {
  readonly phase: number
  /**
   * Rejects when the log cannot be read, or not to its end; the look is then lost, and no event.
   *
   * @param isFinal whether the trial's time is over
   */
  gather(now: number, isFinal: boolean): Promise<Gathered>
}

/**
 * @param looks what takes the looks
 * @param history of the phase, whose evidence it is, and of those before it, which the same log holds
 * @param readTimeoutMs for one portion of the log, and for what a look reads of it
 */
export function createEvidenceKeeper(
  experiment: Experiment,
  log: EventLog,
  looks: LookKeeper,
  history: PhaseHistory,
  readTimeoutMs: number,
): EvidenceKeeper {
  const { phase } = history
  const fold: Fold = createFold(experiment, { phase })
  const audit: Audit = createAudit(experiment, history)
  let cursor: unknown = null
  return {
    phase,
    async gather(now, isFinal) {
      const read = await readOn(readTimeoutMs)
      const summary = summaryOf(fold, now)
      if (read.incomplete !== null)
        return { ...read, evaluation: looks.describe(summary), audit: null, error: null }
      return {
        ...read,
        ...(await looks.evaluate(summary, isFinal)),
        audit: auditReport(audit, { asOf: now }),
      }
    },
  }

  /** Reads to the end of the log. One that grows faster has none, and a loop that read on for ever would never act. */
  async function readOn(
    budgetMs: number,
  ): Promise<Pick<Gathered, 'eventsRead' | 'bytesRead' | 'incomplete'>> {
    const read = { eventsRead: 0, bytesRead: 0, incomplete: null as Incomplete | null }
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
    }, budgetMs)
    try {
      for (let more = true; more; ) {
        if (isOver) throw tooMuchToRead(read.eventsRead, budgetMs)
        const batch = await within(budgetMs, log.readFrom(cursor))
        foldEvents(fold, batch.events)
        foldAudit(audit, batch.events, batch)
        cursor = batch.cursor
        read.eventsRead += batch.events.length
        read.bytesRead += batch.bytesRead
        read.incomplete = batch.incomplete ?? null
        more = batch.more ?? false
      }
      return read
    } finally {
      clearTimeout(timer)
    }
  }
}

function tooMuchToRead(eventsRead: number, budgetMs: number): ExperimentError {
  return new ExperimentError(
    'unreachable',
    `The log was not read to its end within ${budgetMs} ms: ${eventsRead} events were, and there are more.`,
    'It is read on from there at the next look. Where that does not end, see who writes so much.',
  )
}

/** A log that does not answer is one that cannot be read. What it answers too late is not folded, but read again. */
async function within<T>(ms: number, reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<never>((_, reject) => {
    const error = new ExperimentError(
      'unreachable',
      `The log did not answer within ${ms} ms.`,
      'See what holds it up; it is read again at the next look.',
    )
    timer = setTimeout(() => reject(error), ms)
  })
  try {
    return await Promise.race([reading, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

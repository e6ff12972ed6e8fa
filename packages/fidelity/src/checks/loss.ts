import type { Audit } from '../audit.ts'
import { countReported, settledBefore } from '../producer-report.ts'
import { lostOf, writtenBy } from '../producer-trace.ts'
import { severityOf } from '../tolerance.ts'
import type { Tolerance } from '../tolerance.ts'
import { sayCount, sayShare } from '../words.ts'
import type { Found } from '../found.ts'

/** Sequence numbers below each producer's newest that have not arrived, though some may be on their way. */
export function missingEvents(audit: Audit, before?: number): number {
  let missing = 0
  for (const trace of audit.producers.values()) missing += lostOf(trace, before)
  return missing
}

/** Gaps in what producers numbered, numbers that hide gaps, and lines that could not be read. */
export function lossFindings(audit: Audit, asOf: number, tolerance: Tolerance): Found[] {
  return [
    ...gapFinding(audit, asOf, tolerance),
    ...reusedFinding(audit, tolerance),
    ...unreadableFinding(audit, tolerance),
  ]
}

function gapFinding(audit: Audit, asOf: number, tolerance: Tolerance): Found[] {
  const before = settledBefore(audit, asOf)
  const missing = missingEvents(audit, before)
  if (missing === 0) return []
  let written = 0
  let worst = { producerId: '', missing: 0 }
  for (const [producerId, trace] of audit.producers) {
    written += writtenBy(trace)
    const lost = lostOf(trace, before)
    if (lost > worst.missing) worst = { producerId, missing: lost }
  }
  const share = missing / written
  const dropped = countReported(audit).droppedByReason
  const owned = Object.entries(dropped).map(([reason, count]) => `${reason} ${count.toLocaleString('en-US')}`)
  const told =
    owned.length === 0 ? '' : `; producers tell of ${owned.join(', ')} that they dropped themselves`
  return [
    {
      code: 'sequence-gap',
      severity: severityOf(share, tolerance),
      detail: `${sayCount(missing, 'event')} of ${written.toLocaleString('en-US')} never arrived (${sayShare(share)}; ${sayShare(tolerance.maximumLoss)} is tolerated), most of ${worst.producerId}${told}.`,
      remedy: "Look at that producer's account of drops, and at the way from its sink to the log.",
      evidence: { missing, written, share, worst, dropped },
    },
  ]
}

/** A producer's id used by a second run: each fills the other's gaps. */
function reusedFinding({ producers, counts }: Audit, tolerance: Tolerance): Found[] {
  let reused = 0
  let worst = { producerId: '', reused: 0 }
  for (const [producerId, trace] of producers) {
    reused += trace.reused
    if (trace.reused > worst.reused) worst = { producerId, reused: trace.reused }
  }
  if (reused === 0) return []
  const share = reused / counts.events
  return [
    {
      code: 'reused-numbers',
      severity: severityOf(share, tolerance),
      detail: `${sayCount(reused, 'event')} of ${counts.events.toLocaleString('en-US')} bear the number of another event (${sayShare(share)}), most of ${worst.producerId}: what is lost of one shows no gap.`,
      remedy: 'Give each run of each process a producerId of its own, or none: then it is drawn.',
      evidence: { reused, share, worst },
    },
  ]
}

function unreadableFinding({ counts }: Audit, tolerance: Tolerance): Found[] {
  const { unreadableLines, events } = counts
  if (unreadableLines === 0) return []
  const share = unreadableLines / (unreadableLines + events)
  return [
    {
      code: 'unreadable-lines',
      severity: severityOf(share, tolerance),
      detail: `${sayCount(unreadableLines, 'line')} of the log could not be read (${sayShare(share)}).`,
      remedy: 'Look for a writer that shares the file, a full disk, or a producer of another version.',
      evidence: { unreadableLines, share },
    },
  ]
}

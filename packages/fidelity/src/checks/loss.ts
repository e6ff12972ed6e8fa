import type { Audit } from '../audit.ts'
import { missingOf, newestOf } from '../sequence-trace.ts'
import { severityOf } from '../tolerance.ts'
import type { Tolerance } from '../tolerance.ts'
import { sayCount, sayShare } from '../words.ts'
import type { Found } from '../found.ts'

/** Sequence numbers below each producer's newest that never arrived. */
export function missingEvents(audit: Audit): number {
  let missing = 0
  for (const trace of audit.producers.values()) missing += missingOf(trace)
  return missing
}

/** Gaps in what producers numbered, and lines that could not be read. */
export function lossFindings(audit: Audit, tolerance: Tolerance): Found[] {
  return [...gapFinding(audit, tolerance), ...unreadableFinding(audit, tolerance)]
}

function gapFinding(audit: Audit, tolerance: Tolerance): Found[] {
  const missing = missingEvents(audit)
  if (missing === 0) return []
  let written = 0
  let worst = { producerId: '', missing: 0 }
  for (const [producerId, trace] of audit.producers) {
    written += newestOf(trace)
    const lost = missingOf(trace)
    if (lost > worst.missing) worst = { producerId, missing: lost }
  }
  const share = missing / written
  return [
    {
      code: 'sequence-gap',
      severity: severityOf(share, tolerance),
      detail: `${sayCount(missing, 'event')} of ${written.toLocaleString('en-US')} never arrived (${sayShare(share)}; ${sayShare(tolerance.maximumLoss)} is tolerated), most of ${worst.producerId}.`,
      remedy: "Look at that producer's account of drops, and at the way from its sink to the log.",
      evidence: { missing, written, share, worst },
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

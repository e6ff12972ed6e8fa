import type { Audit } from '../audit.ts'
import type { Found } from '../found.ts'
import { type ProducerTrace, writtenBy } from '../producer-trace.ts'
import { newestOf } from '../sequence-trace.ts'
import type { Tolerance } from '../tolerance.ts'
import { sayCount, sayDuration, sayShare } from '../words.ts'

/** A producer that has anything to tell tells it each minute: after so many it has come to an end. */
const SILENCE_MS = 10 * 60_000
/** What a producer may have written since its last account. */
const REPORT_MS = 60_000

/**
 * Producers that fell silent without a final account: nobody knows what they wrote last. Those that are quiet because
 * there is nothing to write end on an account with nothing pending. Told where any producer gives accounts; of the
 * others nothing is known at all, which `incomplete-record` tells.
 */
export function unfinishedFinding(audit: Audit, asOf: number, tolerance: Tolerance): Found[] {
  const all = [...audit.producers]
  if (!all.some(([, { report }]) => report !== null)) return []
  const silence = Math.max(SILENCE_MS, tolerance.maximumDataAge)
  const unfinished = all
    .filter(([, trace]) => !isAtRest(trace) && asOf - trace.newestAt > silence)
    .toSorted(([, a], [, b]) => tailOf(b) - tailOf(a))
  const [longest] = unfinished
  if (longest === undefined) return []
  let written = 0
  for (const [, trace] of all) written += writtenBy(trace)
  let unknown = 0
  for (const [, trace] of unfinished) unknown += tailOf(trace)
  const share = unknown / (written + unknown)
  const [producerId, { newestAt }] = longest
  return [
    {
      code: 'unfinished-producer',
      severity: share > tolerance.maximumLoss ? 'caution' : 'note',
      detail: `${sayCount(unfinished.length, 'producer')} of ${all.length.toLocaleString('en-US')} fell silent without a final account, ${producerId} ${sayDuration(asOf - newestAt)} ago; at the rate at which they wrote, about ${sayCount(Math.round(unknown), 'event')} may be missing behind their last (${sayShare(share)}).`,
      size: share,
      remedy:
        'Close recorders when a service stops; give them a spool, so that what a killed one leaves is delivered by the next.',
      evidence: {
        unfinished: unfinished.length,
        producers: all.length,
        unknown,
        examples: unfinished.slice(0, 5).map(([name]) => name),
      },
    },
  ]
}

/** Its last word is an account that leaves nothing open, or went by retention: then nobody waits for what it wrote. */
export function isAtRest({ report, sequence, removedUpTo }: ProducerTrace): boolean {
  if (removedUpTo > 0 && removedUpTo >= newestOf(sequence)) return true
  if (report === null) return false
  return report.pending === 0 && (report.isFinal || report.sequence === newestOf(sequence))
}

/** Events of one minute, at the rate of the producer's life; or what its last account has still pending. */
function tailOf(trace: ProducerTrace): number {
  const { report, oldestAt, newestAt } = trace
  const minutes = Math.max(1, (newestAt - oldestAt) / REPORT_MS)
  return Math.max(report?.pending ?? 0, writtenBy(trace) / minutes)
}

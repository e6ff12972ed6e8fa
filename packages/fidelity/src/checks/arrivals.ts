import type { Audit } from '../audit.ts'
import type { Found } from '../found.ts'
import type { ProducerTrace } from '../producer-trace.ts'
import { histogramOf } from '../skew-trace.ts'
import type { Tolerance } from '../tolerance.ts'
import { sayCount, sayDuration, sayShare } from '../words.ts'

/** From a queue to a log an event may take so long without a clock being wrong. */
const TRANSPORT_MS = 60_000
/** Events from which all of a producer's being behind is no accident. */
const BEHIND_EVENTS = 20

/** Events that came late, and clocks that are not in step with the receiver's. */
export function arrivalFindings(audit: Audit, tolerance: Tolerance): Found[] {
  return [...lateFinding(audit, tolerance), ...skewFinding(audit, tolerance)]
}

type Named = readonly [producerId: string, trace: ProducerTrace]

function lateFinding({ arrivals, producers }: Audit, { maximumLoss }: Tolerance): Found[] {
  const { received, late, latestMs } = arrivals
  if (late === 0) return []
  const share = late / received
  const worst = [...producers]
    .filter(([, { skew }]) => skew.received > 0)
    .toSorted(([, a], [, b]) => b.skew.mostMs - a.skew.mostMs)
  return [
    {
      code: 'late-events',
      severity: share > maximumLoss ? 'caution' : 'note',
      detail: `${sayCount(late, 'event')} of ${received.toLocaleString('en-US')} arrived late (${sayShare(share)}), by up to ${sayDuration(latestMs)}.`,
      remedy: 'Raise analysis.maximumLateness in the next plan, or find out what holds these events up.',
      evidence: { late, received, share, latestMs, producers: worst.slice(0, 3).map(skewOf) },
    },
  ]
}

function skewFinding(audit: Audit, { maximumLoss }: Tolerance): Found[] {
  const { producers, counts, maximumLateness } = audit
  const all = [...producers]
  const isBehind = ({ skew }: ProducerTrace) =>
    skew.received >= BEHIND_EVENTS && skew.leastMs > maximumLateness + TRANSPORT_MS
  const early = sumOver(all, aheadOf)
  const mistimed = sumOver(all, ({ skew }) => skew.mistimed)
  const behind = sumOver(all, (trace) => (isBehind(trace) ? trace.skew.received : 0))
  const skewed = all.filter(([, trace]) => aheadOf(trace) > 0 || trace.skew.mistimed > 0 || isBehind(trace))
  if (skewed.length === 0) return []
  const received = sumOver(all, ({ skew }) => skew.received)
  const share = sumOver(skewed, (trace) => offOf(trace, isBehind(trace))) / counts.events
  const worst = skewed.toSorted(([, a], [, b]) => offOf(b, isBehind(b)) - offOf(a, isBehind(a)))
  const earliestMs = Math.min(0, ...skewed.map(([, { skew }]) => skew.leastMs))
  const told = [
    early > 0 &&
      `${sayCount(early, 'event')} are dated after their receipt, by up to ${sayDuration(-earliestMs)}`,
    mistimed > 0 && `${sayCount(mistimed, 'event')} are dated at times that cannot be, and are left out`,
    behind > 0 &&
      `${sayCount(behind, 'event')} are of producers of which each event is late, as by a clock that is behind`,
  ].filter((sentence) => sentence !== false)
  return [
    {
      code: 'clock-skew',
      severity: share > maximumLoss ? 'caution' : 'note',
      detail: `${told.join('; ')} (${sayShare(share)} in all), most by ${worst[0]?.[0]}.`,
      remedy: 'Set the clocks of these producers: windows are measured by event time.',
      evidence: {
        early,
        mistimed,
        behind,
        received,
        share,
        earliestMs,
        producers: worst.slice(0, 3).map(skewOf),
      },
    },
  ]
}

/** Events dated 5 s after their receipt, or more. */
function aheadOf({ skew }: ProducerTrace): number {
  return (skew.bins[0] ?? 0) + (skew.bins[1] ?? 0)
}

function offOf(trace: ProducerTrace, isBehind: boolean): number {
  return isBehind ? trace.skew.received : Math.max(aheadOf(trace), trace.skew.mistimed)
}

function sumOver(producers: readonly Named[], count: (trace: ProducerTrace) => number): number {
  return producers.reduce((total, [, trace]) => total + count(trace), 0)
}

/** Receipt minus event time, in bins. */
function skewOf([producerId, { sdk, skew }]: Named) {
  const { leastMs, mostMs, mistimed } = skew
  const range = skew.received === 0 ? {} : { leastMs, mostMs }
  return { producerId, sdk, ...range, mistimed, histogram: histogramOf(skew) }
}

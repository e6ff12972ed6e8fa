import type { Audit } from '../audit.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import type { ProducerTrace } from '../producer-trace.ts'
import { histogramOf } from '../skew-trace.ts'
import type { Tolerance } from '../tolerance.ts'
import { sayDuration, sayPart } from '../words.ts'

/** From a queue to a log an event may take so long without a clock being wrong. */
const TRANSPORT_MS = 60_000
/** Events from which all of a producer's being behind is no accident. */
const BEHIND_EVENTS = 20

/** Events that came late, and clocks that are not in step with the receiver's. Of events whose time can be. */
export function arrivalFindings(audit: Audit, tolerance: Tolerance): Found[] {
  return [...lateFinding(audit, tolerance), ...skewFinding(audit, tolerance)]
}

type Named = readonly [producerId: string, trace: ProducerTrace]

function lateFinding({ arrivals, producers, maximumLateness }: Audit, { maximumLoss }: Tolerance): Found[] {
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
      detail: `${sayPart(late, received, 'event')} came more than ${sayDuration(maximumLateness + TRANSPORT_MS)} after they happened, the latest ${sayDuration(latestMs)} after, of ${worst[0]?.[0]}.`,
      remedy: 'Raise analysis.maximumLateness in the next plan, or find out what holds these events up.',
      evidence: { late, received, share, latestMs, producers: worst.slice(0, 3).map(skewOf) },
    },
  ]
}

function skewFinding({ producers, counts, maximumLateness }: Audit, { maximumLoss }: Tolerance): Found[] {
  const lateMs = maximumLateness + TRANSPORT_MS
  const behindOf = ({ skew }: ProducerTrace) =>
    skew.received >= BEHIND_EVENTS && skew.leastMs > lateMs ? skew.received : 0
  const all = [...producers].map((named) => ({
    named,
    ahead: named[1].skew.ahead,
    behind: behindOf(named[1]),
  }))
  const [early, behind] = [sum(all.map((each) => each.ahead)), sum(all.map((each) => each.behind))]
  // Who is ahead of the receipt is not behind it: each event counts once.
  const off = all
    .filter(({ ahead, behind }) => ahead + behind > 0)
    .toSorted((a, b) => b.ahead + b.behind - a.ahead - a.behind)
    .map(({ named }) => named)
  const [worst] = off
  if (worst === undefined) return []
  const share = (early + behind) / counts.events
  const earliestMs = Math.min(0, ...off.map(([, { skew }]) => skew.leastMs))
  const of = (some: number) => sayPart(some, counts.events, 'event')
  const told = [
    early > 0 &&
      `${of(early)} are dated 5 s or more after their receipt, by up to ${sayDuration(-earliestMs)}`,
    behind > 0 &&
      `${of(behind)} are of producers whose every event came more than ${sayDuration(lateMs)} after its time, as by a clock that is behind`,
  ].filter((sentence) => sentence !== false)
  return [
    {
      code: 'clock-skew',
      severity: share > maximumLoss ? 'caution' : 'note',
      detail: `${told.join('; ')}; most by ${worst[0]}.`,
      remedy:
        'Set the clocks of these producers: windows are measured by event time, so that an outcome may come to stand before its exposure, or outside its window.',
      evidence: {
        early,
        behind,
        received: sum([...producers.values()].map(({ skew }) => skew.received)),
        share,
        earliestMs,
        producers: off.slice(0, 3).map(skewOf),
      },
    },
  ]
}

/** A producer's clock against the receiver's: receipt minus event time, of times that can be; in bins, of all. */
export function skewOf([producerId, { sdk, skew }]: Named) {
  const { received, leastMs, mostMs, mistimed } = skew
  const range = received === 0 ? {} : { leastMs, mostMs }
  return { producerId, sdk, ...range, mistimed, histogram: histogramOf(skew) }
}

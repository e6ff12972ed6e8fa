import type { JointMoments, MetricSummary, Moments } from '@fairtrial/protocol'
import { completeCovariates, jointMomentsOf, momentsOf, sketchOf } from '@fairtrial/statistics'
import { clustersOf } from './clusters.ts'
import { dailyOf } from './daily.ts'
import { histogramOf } from './histogram.ts'
import { rowsOf } from './joint-rows.ts'
import type { CountedObservation, UnitNumber } from './observation.ts'
import { ratioMoments } from './ratio-moments.ts'
import type { Reading } from './reading.ts'

/** The units of one arm as one metric sees them. */
export interface Sample {
  /** Units whose window has closed. */
  readonly closed: readonly CountedObservation[]
  /** All exposed units; those of a unit table have closed all. */
  readonly current: readonly CountedObservation[]
  readonly missing: number
}

type NumberOf = (unit: CountedObservation) => UnitNumber
const asCounted: NumberOf = ({ number }) => number
const asFound: NumberOf = ({ uncapped }) => uncapped

/** Any metric in one arm, summed up: what its definition asks for, and nothing else. */
export function summaryOfSample(
  reading: Reading,
  { closed, current, missing }: Sample,
  byClusters: boolean,
): MetricSummary {
  const isRatio = reading.denominator !== undefined || byClusters
  const columnsOf = ({ value, denominator }: UnitNumber) => (isRatio ? [value, denominator] : [value])
  const spreadOf = (units: Sample['closed'], numberOf: NumberOf): Spread => {
    if (!isRatio) return { moments: momentsOf(units.map((unit) => numberOf(unit).value)) }
    const joint = jointMomentsOf(
      rowsOf(units, (unit) => columnsOf(numberOf(unit)), byClusters),
      2,
    )
    return { moments: ratioMoments(joint), joint }
  }
  const withCovariates = () =>
    jointMomentsOf(
      rowsOf(
        closed,
        (unit) => [...columnsOf(unit.number), ...completeCovariates(unit.covariates, [])],
        byClusters,
      ),
      (isRatio ? 2 : 1) + 2 * reading.covariates.length,
    )
  const decided = spreadOf(closed, asCounted)
  const soFar = spreadOf(current, asCounted)
  const joint = reading.covariates.length > 0 ? withCovariates() : decided.joint
  const isLimited = reading.cap !== undefined || reading.maximumEvents !== undefined
  const histogram = reading.isRanked ? histogramOf(closed.map(valueOf)) : undefined
  const clusters = byClusters && reading.denominator === undefined ? clustersOf(closed) : undefined
  return {
    closed: decided.moments,
    current: soFar.moments,
    missing,
    ...(joint && { joint }),
    ...(soFar.joint && { currentJoint: soFar.joint }),
    ...(isLimited && {
      uncapped: { ...uncappedParts(spreadOf(closed, asFound)), changed: closed.filter(isChanged).length },
    }),
    ...(reading.type === 'quantile' && { sketch: sketchOf(closed.map(valueOf)) }),
    ...(histogram && { histogram }),
    ...(clusters && { clusters }),
    ...(reading.days > 0 && {
      daily: dailyOf(
        closed.map((unit) => unit.days),
        reading.days,
      ),
    }),
  }
}

/** The moments of numbers, or of a ratio, with what they are made from. */
interface Spread {
  readonly moments: Moments
  readonly joint?: JointMoments
}

function uncappedParts({ moments, joint }: Spread) {
  return { closed: moments, ...(joint && { joint }) }
}

const valueOf = ({ number }: CountedObservation): number => number.value

function isChanged({ number, uncapped }: CountedObservation): boolean {
  return number.value !== uncapped.value || number.denominator !== uncapped.denominator
}

import { sampleRatioTest } from '@fairtrial/sequential'
import { adjustPValues, isEstimable, sampleRatioBySegment } from '@fairtrial/statistics'
import type { DimensionRatioCheck, Estimate, Experiment, SegmentRatioCheck } from '@fairtrial/protocol'
import { MINIMUM_EXPECTED, neverZero, sum } from '../disparity.ts'
import type { DimensionProfile } from '../unit-profile.ts'
import { sayCount, sayP, sayShare } from '../words.ts'
import type { Found } from '../found.ts'

/** Segments, and a difference between segments, are told at this p, corrected. */
const SEGMENT_ALPHA = 0.001
/** Segments that are named in a finding. */
const EXAMPLES = 3

/** The sample ratio along each dimension: the largest segments by themselves, all others together. */
export function checkDimensions(
  experiment: Experiment,
  profiles: readonly DimensionProfile[],
  options: { readonly isLog?: boolean } = {},
): DimensionRatioCheck[] {
  const { isLog = false } = options
  return profiles.map((profile) => checkDimension(experiment, profile, { howMany: profiles.length, isLog }))
}

/** What a dimension is corrected for, and whether it is looked at again and again. */
interface Looked {
  readonly howMany: number
  /** A log is: its segments are held against the weights by a test that is valid at every look. */
  readonly isLog: boolean
}

/** Units in the order of the variants; a segment of null is all others together. */
interface Segment {
  readonly segment: string | null
  readonly counts: readonly number[]
}

function checkDimension(
  { variants, cluster }: Experiment,
  { dimension, segments, maximumSegments }: DimensionProfile,
  { howMany, isLog }: Looked,
): DimensionRatioCheck {
  const weights = variants.map((variant) => variant.weight)
  const isTestable = ({ counts }: Segment) =>
    (sum(counts) * Math.min(...weights)) / sum(weights) >= MINIMUM_EXPECTED
  const ranked = [...segments]
    .map(([segment, counts]) => ({ segment, counts: weights.map((_, arm) => counts[arm] ?? 0) }))
    .toSorted((a, b) => sum(b.counts) - sum(a.counts) || (a.segment < b.segment ? -1 : 1))
  const own = ranked.slice(0, maximumSegments).filter(isTestable)
  const rest = ranked.slice(own.length)
  const others: Segment = {
    segment: null,
    counts: weights.map((_, arm) => sum(rest.map(({ counts }) => counts[arm] ?? 0))),
  }
  const tested = isTestable(others) ? [...own, others] : own

  const byName = new Map(tested.map((each, at) => [String(at), each]))
  const { segments: judged, heterogeneity } = sampleRatioBySegment(
    [...byName].map(([name, { counts }]) => ({ name, observed: counts })),
    weights,
  )
  const atEveryLook = isLog ? anytimeP(tested, weights) : null
  const tell = ({ segment, counts }: Segment) => ({
    segment,
    observed: Object.fromEntries(variants.map(({ name }, arm) => [name, counts[arm] ?? 0])),
    largestDeviation: largestDeviation(counts, weights),
  })
  const checks = judged.flatMap(({ name, test, adjustedP: atOneLook }): SegmentRatioCheck[] => {
    const segment = byName.get(name)
    const adjustedP = atEveryLook === null ? atOneLook : atEveryLook[Number(name)]
    if (segment === undefined || adjustedP === undefined || !isEstimable(test)) return []
    const { chiSquare, pValue } = test
    // Holm's correction within the dimension, Bonferroni's over the dimensions.
    const corrected = Math.min(1, howMany * neverZero(adjustedP))
    const adjusted = cluster === undefined ? corrected : CLUSTERED
    return [{ ...tell(segment), chiSquare, pValue: neverZero(pValue), adjustedP: adjusted }]
  })
  if (rest.length > 0 && !isTestable(others))
    checks.push({ ...tell(others), chiSquare: TOO_FEW, pValue: TOO_FEW, adjustedP: TOO_FEW })
  const difference = heterogeneity === undefined ? ONE_SEGMENT : neverZero(heterogeneity.pValue)
  const judgedDifference = isLog ? MANY_LOOKS : difference
  return {
    dimension,
    distinct: segments.size,
    maximumSegments,
    heterogeneityP: cluster === undefined ? judgedDifference : CLUSTERED,
    segments: isLog ? checks.toSorted((a, b) => orderOf(a) - orderOf(b)) : checks,
  }
}

/**
 * Prior units of a segment's test: less than of the whole, because a segment is looked at for a fault of its own, which is
 * gross where it is.
 */
const SEGMENT_CONCENTRATION = 100

/** Corrected by Holm within the dimension, which any p's that hold at every look may be. */
function anytimeP(tested: readonly Segment[], weights: readonly number[]): readonly number[] {
  const values = tested.map(({ counts }) => {
    const test = sampleRatioTest([{ counts, weights }], { concentration: SEGMENT_CONCENTRATION })
    return isEstimable(test) ? test.pValue : 1
  })
  return adjustPValues(values, 'holm')
}

function orderOf({ adjustedP }: SegmentRatioCheck): number {
  return typeof adjustedP === 'number' ? adjustedP : 2
}

function largestDeviation(counts: readonly number[], weights: readonly number[]): number {
  const units = sum(counts)
  const deviations = weights.map((weight, arm) => {
    const expected = (units * weight) / sum(weights)
    return Math.abs((counts[arm] ?? 0) - expected) / expected
  })
  return Math.max(...deviations)
}

const TOO_FEW: Estimate<number> = {
  notEstimable: { code: 'too-few-units', detail: `fewer than ${MINIMUM_EXPECTED} are expected on an arm` },
}

/** Clusters come as a whole, so that units of one kind come in lumps: no p of single units holds. */
export const CLUSTERED: Estimate<number> = {
  notEstimable: { code: 'not-applicable', detail: 'units are assigned by clusters' },
}

const MANY_LOOKS: Estimate<number> = {
  notEstimable: {
    code: 'not-applicable',
    detail: 'a log is looked at many times, and this test is for one look',
  },
}

const ONE_SEGMENT: Estimate<number> = {
  notEstimable: { code: 'not-applicable', detail: 'fewer than two segments have units enough' },
}

/**
 * Segments whose ratio is off: where to look for the cause. Never broken: whether the numbers may be believed is for the
 * test of the whole, and what is known only after the exposure may be moved by what is on trial.
 */
export function dimensionFindings(checks: readonly DimensionRatioCheck[]): Found[] {
  return checks.flatMap((check) => {
    const off = check.segments.filter(isOff)
    const { heterogeneityP } = check
    const isUneven = typeof heterogeneityP === 'number' && heterogeneityP * checks.length < SEGMENT_ALPHA
    return off.length > 0 || isUneven ? [segmentFinding(check, off, isUneven)] : []
  })
}

type JudgedSegment = SegmentRatioCheck & { readonly adjustedP: number }

function isOff(check: SegmentRatioCheck): check is JudgedSegment {
  return typeof check.adjustedP === 'number' && check.adjustedP < SEGMENT_ALPHA
}

function segmentFinding(check: DimensionRatioCheck, off: readonly JudgedSegment[], isUneven: boolean): Found {
  const { dimension, segments, distinct, maximumSegments, heterogeneityP } = check
  const examples = off.slice(0, EXAMPLES)
  const p = typeof heterogeneityP === 'number' ? ` (p ${sayP(heterogeneityP)})` : ''
  const sentences = [
    off.length === 0
      ? `By ${dimension}, segments differ in their sample ratio${p}, though none is off by itself.`
      : `By ${dimension}, ${off.length} of ${sayCount(segments.length, 'segment')} ${off.length === 1 ? 'is' : 'are'} off the sample ratio: ${examples.map(saySegment).join('; ')}${off.length > EXAMPLES ? '; …' : ''}.`,
  ]
  if (off.length > 0 && p !== '')
    sentences.push(isUneven ? `Segments differ${p}.` : `All may be off alike${p}: look for one cause.`)
  else if (off.length > 1 && off.length === segments.length) sentences.push('All are: look for one cause.')
  if (segments.some(({ segment }) => segment === null)) {
    sentences.push(
      `Of ${sayCount(distinct, 'different text')} the largest are told apart, at most ${maximumSegments}.`,
    )
  }
  return {
    code: 'sample-ratio-segment',
    severity: 'caution',
    detail: sentences.join(' '),
    size: off.length === 0 ? null : unitsOf(off) / unitsOf(segments),
    remedy:
      'Look for what these units have in common: a version of the client, a producer, a redirect, a bot, or an assignment by groups that the plan does not tell (cluster). To leave them out does not mend the rest.',
    evidence: {
      dimension,
      heterogeneityP: typeof heterogeneityP === 'number' ? heterogeneityP : null,
      segments: examples.map(({ segment, observed, adjustedP }) => ({ segment, observed, adjustedP })),
    },
  }
}

function unitsOf(segments: readonly SegmentRatioCheck[]): number {
  return sum(segments.flatMap(({ observed }) => Object.values(observed)))
}

function saySegment({ segment, observed, largestDeviation, adjustedP }: JudgedSegment): string {
  const name = segment === null ? 'all others' : JSON.stringify(segment.slice(0, 40))
  const arms = Object.entries(observed).map(([arm, count]) => `${arm} ${count.toLocaleString('en-US')}`)
  return `${name} with ${arms.join(', ')} (off by up to ${sayShare(largestDeviation)}, adjusted p ${sayP(adjustedP)})`
}

import type { Bounds, Estimate, Interval, MeasuredCluster, MetricSummary } from '@fairtrial/protocol'
import { type Estimable, type EstimatedMean, isEstimable, notEstimable } from '@fairtrial/statistics'
import { explicitTuning } from '../anytime/tuning.ts'
import { type ArmEstimates, plainEstimates } from './arm-estimates.ts'
import { type ComparisonPlan, multiplierOf } from './arms.ts'
import { finite, notEstimable as noNumber } from './estimate.ts'
import type { Sequence } from './interval.ts'
import { jackknifeVariance, type MeasuredArm, type MeasuredPair, measuredPair } from './measured-arms.ts'
import { smallestAlpha } from './smallest-alpha.ts'

/** The values of a bin, or all beyond the bins of an arm. */
interface Place {
  readonly low: number
  readonly high: number
  /** Standard errors between p and the share of requests below them, at the least. */
  readonly distance: number
}

/** A place, and the range of all that are as near or nearer. */
interface ReachedPlace extends Place {
  readonly range: Bounds
}

/** Where an arm's quantile may lie. */
interface PlacedQuantile {
  /** The nearest first. */
  readonly places: readonly ReachedPlace[]
  readonly quantile: number
  readonly n: number
  /** Of the share of requests that lie below the quantile, and what it were of independent requests. */
  readonly variance: number
  readonly ofIndependent: number
}

/**
 * The difference of two quantiles of requests, valid at every look. A value is held against the quantile by the share of
 * requests below it, whose variance leaving out one cluster of units at a time tells (R. Woodruff, JASA 47, 1952), and at
 * the edges of bins only, where shares are exact: nothing is taken for known of the density, nor of where in a bin values
 * lie. A difference is possible as long as some two values so far apart are, taken together, no more standard errors from
 * their arms' quantiles than the sequence's multiplier.
 */
export function measuredQuantileSequence(
  control: MetricSummary,
  treatment: MetricSummary,
  p: number,
  { alpha, tuneAt }: ComparisonPlan,
): Sequence {
  const { rho } = explicitTuning({ alpha, tunedAt: tuneAt })
  const arms = placedArms(control, treatment, p)
  const intervalAt = (alpha: number): Interval => {
    if (!isEstimable(arms)) return { level: 1 - alpha, absolute: arms, relative: arms }
    return { level: 1 - alpha, ...differencesWithin(multiplierOf({ ...arms, rho }, alpha), arms) }
  }
  return { intervalAt, pValue: () => smallestAlpha((alpha) => intervalAt(alpha).absolute) }
}

/** Standard errors to either side: wide enough to see the density, near enough for it to be that of the quantile. */
const SPAN = 2

/** The two quantiles, each with the variance that the values within two standard errors of its rank give it. */
export function estimateMeasuredQuantiles(
  control: MetricSummary,
  treatment: MetricSummary,
  p: number,
): Estimable<ArmEstimates> {
  const arms = placedArms(control, treatment, p)
  if (!isEstimable(arms)) return arms
  const { degreesOfFreedom, n } = arms
  const estimate = ({ places, quantile }: PlacedQuantile): EstimatedMean => {
    const [low, high] = rangeWithin(SPAN, places)
    return { mean: quantile, variance: ((high - low) / 2 / SPAN) ** 2, degreesOfFreedom }
  }
  const [c, t] = [estimate(arms.control), estimate(arms.treatment)]
  if (![c, t].every(({ variance }) => Number.isFinite(variance))) {
    return notEstimable('too-few-units', `the requests are too few to bound their ${p} quantile`)
  }
  const requests = arms.control.n + arms.treatment.n
  const informationOf = (arm: PlacedQuantile) => (n * arm.n) / requests
  const informations = { control: informationOf(arms.control), treatment: informationOf(arms.treatment) }
  return {
    ...plainEstimates({
      method: 'order-statistics',
      control: c,
      treatment: t,
      n: informations,
      together: c,
    }),
    degreesOfFreedom,
    designEffect: n / requests,
  }
}

interface PlacedArms {
  readonly control: PlacedQuantile
  readonly treatment: PlacedQuantile
  /** The information: as of means, of the requests' ranks. */
  readonly n: number
  readonly degreesOfFreedom: number
}

function placedArms(control: MetricSummary, treatment: MetricSummary, p: number): Estimable<PlacedArms> {
  const pair = measuredPair(control, treatment)
  if (!isEstimable(pair)) return pair
  const c = placeQuantile(pair.control, p, pair)
  const t = placeQuantile(pair.treatment, p, pair)
  if (!(c.variance > 0 && t.variance > 0)) {
    return notEstimable(
      'zero-variance',
      'no cluster of units differs from another in its arm: the spread is unknown, not zero',
    )
  }
  const designEffect = (c.variance + t.variance) / (c.ofIndependent + t.ofIndependent)
  return {
    control: c,
    treatment: t,
    n: (c.n + t.n) * designEffect,
    degreesOfFreedom: pair.degreesOfFreedom,
  }
}

/** Holds every bin of an arm against its quantile. */
function placeQuantile(arm: MeasuredArm, p: number, { groups }: MeasuredPair): PlacedQuantile {
  const { n, accuracy, clusters } = arm
  const bins = binsOf(clusters)
  let at = 0
  let below = 0
  while (at < bins.length - 1 && below + bins[at]!.count < n * p * (1 - 2 * Number.EPSILON)) {
    below += bins[at]!.count
    at += 1
  }
  const { bin, count } = bins[at]!
  // Of the two edges of the quantile's bin, the one that has more requests on its smaller side tells more of the spread.
  const isUpper = Math.abs(below + count - n / 2) < Math.abs(below - n / 2)
  const share = (isUpper ? below + count : below) / n
  const ofIndependent = (p * (1 - p)) / n
  const shifts = clusters.map((each) => {
    if (each === undefined || each.n === n) return 0
    const [under, within] = countsAt(each, bin)
    return (each.n * share - under - (isUpper ? within : 0)) / (n - each.n)
  })
  const variance =
    share > 0 && share < 1 ? (jackknifeVariance(shifts, groups) * p * (1 - p)) / (share * (1 - share)) : 0
  const standardError = Math.sqrt(variance)
  const edges = edgesOf(accuracy)
  const places: Place[] = []
  let from = Number.NEGATIVE_INFINITY
  let until = 0
  // Beyond the outermost bins, too, a quantile may lie.
  for (const each of [...bins, { bin: Number.POSITIVE_INFINITY, count: 0 }]) {
    const [low, high] = edges(each.bin)
    const [under, upTo] = [until / n - p, (until + each.count) / n - p]
    if (low > from) places.push({ low: from, high: low, distance: Math.abs(under) / standardError })
    const nearest = under < 0 && upTo >= 0 ? 0 : Math.min(Math.abs(under), Math.abs(upTo))
    if (each.count > 0) places.push({ low, high, distance: nearest / standardError })
    from = high
    until += each.count
  }
  const quantile = bin === NEVER_ABOVE ? 0 : edges(bin)[1] * (1 - accuracy)
  return { places: nearestFirst(places), quantile, n, variance, ofIndependent }
}

function nearestFirst(places: readonly Place[]): readonly ReachedPlace[] {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  return places
    .toSorted((a, b) => a.distance - b.distance)
    .map((place) => {
      lowest = Math.min(lowest, place.low)
      highest = Math.max(highest, place.high)
      return { ...place, range: [lowest, highest] }
    })
}

/** The bin of what is 0 or below. */
const NEVER_ABOVE = Number.NEGATIVE_INFINITY

/** Lower and upper edge of a bin. */
function edgesOf(accuracy: number): (bin: number) => Bounds {
  const logGamma = Math.log1p(accuracy) - Math.log1p(-accuracy)
  return (bin) => {
    if (bin === NEVER_ABOVE) return [Number.NEGATIVE_INFINITY, 0]
    if (bin === Number.POSITIVE_INFINITY) return [bin, bin]
    return [Math.exp((bin - 1) * logGamma), Math.min(Number.MAX_VALUE, Math.exp(bin * logGamma))]
  }
}

/** All clusters taken together. */
function binsOf(
  clusters: MeasuredArm['clusters'],
): readonly { readonly bin: number; readonly count: number }[] {
  const counts = new Map<number, number>()
  const add = (bin: number, count: number) => counts.set(bin, (counts.get(bin) ?? 0) + count)
  for (const cluster of clusters) {
    if (cluster === undefined) continue
    if (cluster.zeros > 0) add(NEVER_ABOVE, cluster.zeros)
    for (const [bin, count] of cluster.bins) add(bin, count)
  }
  return [...counts].map(([bin, count]) => ({ bin, count })).toSorted((a, b) => a.bin - b.bin)
}

/** How many observations of a cluster lie below a bin, and in it. */
function countsAt({ zeros, bins }: MeasuredCluster, bin: number): [under: number, within: number] {
  if (bin === NEVER_ABOVE) return [0, zeros]
  let under = zeros
  let within = 0
  for (const [each, count] of bins) {
    if (each < bin) under += count
    else if (each === bin) within += count
  }
  return [under, within]
}

/** From the lowest to the highest value within so many standard errors: that of the quantile's own bin at the least. */
function rangeWithin(errors: number, places: readonly ReachedPlace[]): Bounds {
  let [near, far] = [0, places.length]
  while (far - near > 1) {
    const middle = (near + far) >> 1
    if (places[middle]!.distance <= errors) near = middle
    else far = middle
  }
  return places[near]!.range
}

/** All differences, and all relative ones, of two values that are together within so many standard errors. */
function differencesWithin(
  errors: number,
  { control, treatment }: PlacedArms,
): { readonly absolute: Estimate<Bounds>; readonly relative: Estimate<Bounds> } {
  const absolute: [number, number] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const relative: [number, number] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { low, high, distance } of treatment.places) {
    if (!(distance <= errors)) break
    const [least, most] = rangeWithin(Math.sqrt(errors ** 2 - distance ** 2), control.places)
    absolute[0] = Math.min(absolute[0], low - most)
    absolute[1] = Math.max(absolute[1], high - least)
    // Of a control that may be 0 or below there is no relative difference.
    relative[0] = Math.min(relative[0], most > 0 ? low / most - 1 : Number.NEGATIVE_INFINITY)
    relative[1] = Math.max(relative[1], least > 0 ? high / least - 1 : Number.POSITIVE_INFINITY)
  }
  const boundsOf = (bounds: Bounds) => (bounds.every(Number.isFinite) ? finite<Bounds>(bounds) : UNBOUNDED)
  return { absolute: boundsOf(absolute), relative: boundsOf(relative) }
}

const UNBOUNDED = noNumber('unbounded', 'the requests of an arm are too few to bound their quantile')

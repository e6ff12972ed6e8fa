import type { Cap, FixedLook, IntervalMethod, SealedMetric } from '@fairtrial/protocol'

/** How a comparison was made. */
export interface Reading {
  readonly interval: IntervalMethod
  readonly estimator: FixedLook['method']
  /** What is assigned together, if anything: `household`. */
  readonly cluster?: string
  /** The dimension that the estimate is stratified by. */
  readonly strata?: string
}

/** What has been said of a metric: the same at every look. */
const SAID = new WeakMap<SealedMetric, Map<string, readonly string[]>>()

/** What must be true for an interval to hold, in sentences that are true of this method and this metric. */
export function assumptionsOf(metric: SealedMetric, reading: Reading): readonly string[] {
  const { interval, estimator, cluster, strata } = reading
  const key = `${interval} ${estimator} ${cluster ?? ''} ${strata ?? ''}`
  let said = SAID.get(metric)
  if (said === undefined) SAID.set(metric, (said = new Map()))
  let sentences = said.get(key)
  if (sentences === undefined) said.set(key, (sentences = sayAssumptions(metric, reading)))
  return sentences
}

function sayAssumptions(metric: SealedMetric, reading: Reading): readonly string[] {
  const { cluster, interval } = reading
  if (metric.source === 'measurements') return measurementAssumptions(metric)
  return [
    cluster === undefined
      ? 'Units are independent of one another, and were assigned by the hash alone.'
      : `Clusters (${cluster}) are independent of one another, and were assigned by the hash alone; units of one may resemble each other.`,
    `A unit counts once its window of ${metric.window} has closed, with its final value.`,
    ...measured(metric),
    ...estimated(metric, reading),
    ...bounded(metric, reading),
    ...(cluster !== undefined && (interval === 'confidence-sequence' || interval === 'repeated')
      ? [COMPLETE]
      : []),
  ]
}

function measurementAssumptions({ type }: SealedMetric): readonly string[] {
  return [
    'Units are independent of one another, and were assigned by the hash alone; requests of one unit may resemble each other, and what a unit adds does not make up for what it has added before.',
    "Every request counts as it is made, a unit's as often as it makes one: an arm's number is that of its requests.",
    `The confidence sequence is asymptotic: it holds once there are enough clusters of units for ${type === 'quantile' ? 'the share of requests below a value' : 'the mean of their requests'} to be nearly normal; clusters are counted by their weight, so that one unit with most of the requests is one.`,
    ...(type === 'quantile'
      ? [
          'Values are known to the accuracy of the bins that they were counted in; the interval ends at their edges.',
        ]
      : []),
  ]
}

/** Looks count clusters, so that what clusters go on to gather after they were counted is information that no bound knows of. */
const COMPLETE =
  'Clusters come one after another, and a look counts those whose units are complete: of clusters that are there from the start and grow, one look alone would hold.'

/** What a unit's number is. */
function* measured({ cap, maximumEvents, whenMissing }: SealedMetric): Generator<string> {
  if (cap !== undefined) yield `The effect is one on numbers that are capped ${sayCap(cap)}.`
  if (maximumEvents !== undefined) yield `Of a unit's outcomes the first ${maximumEvents} count.`
  if (whenMissing === 'exclude') {
    yield 'Units without a value are left out: the arms compare only while the treatment does not change who has one.'
  }
}

/** How the arms' numbers came about. */
function* estimated({ type }: SealedMetric, { estimator, strata }: Reading): Generator<string> {
  if (type === 'ratio') {
    yield 'The spread of the ratio is that of units, by the delta method: it needs a denominator whose mean lies well above 0.'
  }
  if (type === 'quantile') {
    yield 'A unit has one number, whatever its number of events; the quantile is one of units.'
  }
  if (estimator === 'regression') {
    yield 'Covariates were measured before the first exposure, so that the treatment cannot have moved them; they need not explain the outcome, nor in a straight line.'
  }
  if (estimator === 'stratified') {
    yield `A unit's ${strata} was known before its exposure; the effects within are weighted by the share of all units that each has, which is estimated.`
  }
}

function* bounded(
  { type, rareEvents, maximumEvents }: SealedMetric,
  { interval, cluster }: Reading,
): Generator<string> {
  switch (interval) {
    case 'confidence-sequence':
      if (rareEvents) {
        yield 'The confidence sequence of the ratio of rates holds at every look, from the first event on: given how many there are, each falls on an arm by its units alone.'
        if (type === 'count' && maximumEvents !== 1) {
          yield 'Events are independent of one another, those of one unit too: they do not come in bursts.'
        }
        return
      }
      if (type === 'quantile') {
        yield 'The confidence sequence holds at every look, at any number of units and for any distribution.'
        return
      }
      yield `The confidence sequence is asymptotic: it holds once each arm has enough ${cluster === undefined ? 'units' : 'clusters'} for its mean to be nearly normal.`
      return
    case 'repeated':
      yield 'The repeated interval holds because looks were scheduled by information and not by the effect.'
      break
    case 'fixed':
      yield 'The interval holds at the one look of the plan, at its size; a look before that describes, and decides nothing.'
      break
    case 'credible':
      yield 'The posterior is as good as its prior, which was fixed before the data. It may be looked at at any time, and holds no error rate.'
  }
  yield `Each arm has enough ${cluster === undefined ? 'units' : 'clusters'} for its estimate to be nearly normal.`
}

function sayCap({ lower, upper }: Cap): string {
  if (lower === undefined) return `at ${upper}`
  return upper === undefined ? `at no less than ${lower}` : `to between ${lower} and ${upper}`
}

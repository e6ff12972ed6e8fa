import type { MetricSummary, QuantileSketch } from '@fairtrial/protocol'
import {
  type Estimable,
  type EstimatedMean,
  estimatedQuantile,
  isEstimable,
  mergeSketches,
  normalQuantile,
  notEstimable,
  sketchCount,
  sketchQuantile,
  sketchRank,
  sketchValueAt,
} from '@fairtrial/statistics'
import type { PlainEstimates } from './arm-estimates.ts'

/** The coverage of the order statistics whose distance tells a quantile's standard error. */
const LEVEL = 0.95

/** Both arms' quantiles, each with the variance that the distance of its order statistics gives it at one look. */
export function estimateQuantiles(
  control: MetricSummary,
  treatment: MetricSummary,
  p: number,
): Estimable<Omit<PlainEstimates, 'method'>> {
  const c = estimateQuantile(control.sketch, p, 'control')
  if (!isEstimable(c)) return c
  const t = estimateQuantile(treatment.sketch, p, 'treatment')
  if (!isEstimable(t)) return t
  const [a, b] = [control.sketch!, treatment.sketch!]
  return {
    control: c,
    treatment: t,
    n: { control: sketchCount(a), treatment: sketchCount(b) },
    together: estimateQuantile(mergeSketches(a, b), p, 'both arms'),
  }
}

/** From the ranks z √(n p (1 − p)) around n p, as `quantileInterval` has them. */
function estimateQuantile(
  sketch: QuantileSketch | undefined,
  p: number,
  arm: string,
): Estimable<EstimatedMean> {
  const n = sketch === undefined ? 0 : sketchCount(sketch)
  if (sketch === undefined || n === 0) return notEstimable('no-data', `${arm} has no units`)
  const reach = -normalQuantile((1 - LEVEL) / 2) * Math.sqrt(n * p * (1 - p))
  const low = Math.floor(n * p - reach)
  const high = Math.ceil(n * p + reach) + 1
  if (low < 1 || high > n) {
    return notEstimable('too-few-units', `in ${arm}, ${n} units do not bound their ${p} quantile`)
  }
  const quantile = sketchQuantile(sketch, p)
  if (!isEstimable(quantile)) return quantile
  return estimatedQuantile({
    ...quantile,
    n,
    p,
    level: LEVEL,
    ...spanOf(sketch, low, high),
  })
}

/** Where two ranks lie, values spread evenly within their bins; in one bin, from edge to edge: more is not known. */
function spanOf(
  sketch: QuantileSketch,
  low: number,
  high: number,
): { readonly lower: number; readonly upper: number } {
  if (sketchValueAt(sketch, low) === sketchValueAt(sketch, high)) {
    return { lower: edgeBelow(sketch, low), upper: edgeAbove(sketch, high) }
  }
  return { lower: valueWithinBin(sketch, low), upper: valueWithinBin(sketch, high) }
}

function valueWithinBin(sketch: QuantileSketch, rank: number): number {
  const { below, atMost } = sketchRank(sketch, sketchValueAt(sketch, rank))
  const place = (rank - below - 0.5) / (atMost - below)
  return edgeBelow(sketch, rank) * (1 - place) + edgeAbove(sketch, rank) * place
}

/** No value of that rank is smaller. */
export function edgeBelow(sketch: QuantileSketch, rank: number): number {
  const value = sketchValueAt(sketch, rank)
  return value / (1 + Math.sign(value) * sketch.accuracy)
}

/** No value of that rank is larger. */
export function edgeAbove(sketch: QuantileSketch, rank: number): number {
  const value = sketchValueAt(sketch, rank)
  return value / (1 - Math.sign(value) * sketch.accuracy)
}

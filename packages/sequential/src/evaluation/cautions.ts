import type {
  Comparison,
  EffectSize,
  Experiment,
  Interval,
  MetricCaution,
  MetricEvaluation,
  SealedMetric,
} from '@fairtrial/protocol'
import { normalQuantile } from '@fairtrial/statistics'
import { baselineCautions, FEWEST_UNITS } from './baseline-cautions.ts'
import { isEstimate } from './estimate.ts'
import { FOUR_OF_FIVE } from './ruled-out.ts'
import { sayAmount, sayShare } from './words.ts'

/** So many times the smallest lift worth having is more than anybody hoped for. */
const TIMES_HOPED = 5
/** Of a metric that nobody hoped for: such a share of control, and no chance. */
const LARGE_SHARE = 0.5
const NO_CHANCE = 1e-6
/** A trial that can find no less than so many times the lift that pays. */
const TIMES_PAYING = 2

/** What should be looked into before a metric's numbers are believed; see `CautionCode` for when. */
export function* cautionsOf(
  { metrics, hypothesis, control, cluster, analysis }: Experiment,
  name: string,
  { variants, comparisons }: Pick<MetricEvaluation, 'variants' | 'comparisons'>,
): Generator<MetricCaution> {
  const metric = metrics[name]!
  const hoped = hypothesis.metric === name ? hypothesis.minimumLift : undefined
  const paying = metric.practicalThreshold ?? hoped
  const base = variants[control]!
  for (const [variant, comparison] of Object.entries(comparisons)) {
    const good = tooGood(comparison, metric, hoped)
    if (good) yield { code: 'too-good', variant, ...good }
    const n = [base.n, variants[variant]!.n] as const
    // How many units find an effect is not told by measurements.
    if (
      paying === undefined ||
      metric.source === 'measurements' ||
      !isEstimate(base.mean) ||
      Math.min(...n) < FEWEST_UNITS
    )
      continue
    const lift = 'absolute' in paying ? paying.absolute : paying.relative * Math.abs(base.mean)
    const units = { now: n[0] + n[1], end: analysis.maximumUnits ?? analysis.tuneAt }
    const blunt = insensitive(comparison, metric, lift, units)
    if (blunt) yield { code: 'insensitive', variant, ...blunt }
  }
  // A baseline is of units, not of clusters; of a quantile it does not say how the tail lies.
  const { baseline, adoption, type } = metric
  if (baseline === undefined || adoption || type === 'quantile' || cluster) return
  yield* baselineCautions(base, baseline, metric)
}

type Told = Pick<MetricCaution, 'detail' | 'remedy'>

function tooGood(
  { effect: { absolute, relative }, interval, fixed: { pValue } }: Comparison,
  metric: SealedMetric,
  hoped: EffectSize | undefined,
): Told | undefined {
  if (!leavesZero(interval)) return undefined
  const remedy =
    'Look for a fault first, in the logging, in who is counted, in how the metric is made; what is true is found by a second trial too.'
  if (hoped === undefined) {
    if (!isEstimate(relative) || !isEstimate(pValue)) return undefined
    if (!(Math.abs(relative) > LARGE_SHARE && pValue < NO_CHANCE)) return undefined
    const detail = `An effect of ${sayShare(relative)} of control, p ${pValue.toExponential(1)} at one look, is more than a change mostly does: ${TWYMAN}.`
    return { detail, remedy }
  }
  const isShare = 'relative' in hoped
  const [effect, least] = isShare ? [relative, hoped.relative] : [absolute, hoped.absolute]
  if (!isEstimate(effect) || !(Math.abs(effect) > TIMES_HOPED * least)) return undefined
  const say = (size: number) => (isShare ? sayShare(size) : sayAmount(size, metric))
  const times = Number((Math.abs(effect) / least).toPrecision(3))
  const detail = `An effect of ${say(effect)} is ${times} times the smallest lift worth having, ${say(least)}: ${TWYMAN}.`
  return { detail, remedy }
}

const TWYMAN = "a figure that stands out so far is usually wrong (Twyman's law)"

/**
 * Before the plan's end, or the size it is tuned for, what one look would find then, at the spread of now: no method
 * finds smaller effects. From then on, what this look finds. Nothing is said of an effect that has been found.
 */
function insensitive(
  { standardError, detectable, interval }: Comparison,
  metric: SealedMetric,
  lift: number,
  { now, end }: { readonly now: number; readonly end: number },
): Told | undefined {
  if (!isEstimate(standardError) || !isEstimate(detectable) || leavesZero(interval)) return undefined
  const multiplier = normalQuantile((1 + interval.level) / 2) + FOUR_OF_FIVE
  const found = now < end ? multiplier * standardError * Math.sqrt(now / end) : detectable
  if (!(lift > 0 && found > TIMES_PAYING * lift)) return undefined
  const units = Math.max(now, end)
  return {
    detail: `${units} units find an effect of ${sayAmount(found, metric)} in four trials of five, ${Number((found / lift).toPrecision(3))} times the lift that pays, ${sayAmount(lift, metric)}, which they mostly miss.`,
    remedy: `It takes about ${Number((units * (found / lift) ** 2).toPrecision(3))} units, or covariates or a cap that take variance out; "inconclusive" is not "no effect".`,
  }
}

function leavesZero({ absolute, relative }: Interval): boolean {
  const bounds = isEstimate(absolute) ? absolute : relative
  return isEstimate(bounds) && (bounds[0] > 0 || bounds[1] < 0)
}

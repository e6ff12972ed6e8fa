import { ratioVariance } from '@fairtrial/statistics'
import type { PlannedEffect, PlannedMetric } from './one-look.ts'
import type { PowerOptions } from './power-options.ts'
import { misused, refuseOptions, requireOption } from './usage.ts'

const RATIO_PARTS = [
  'numeratorMean',
  'numeratorSd',
  'denominatorMean',
  'denominatorSd',
  'correlation',
] as const

/** What the options say of the metric. */
export function plannedMetric(options: PowerOptions): PlannedMetric {
  const type = requireOption(options.metric, 'metric', 'it is mean, proportion, ratio or count')
  const why = `with --metric ${type}`
  if (type !== 'ratio') refuseOptions(options, RATIO_PARTS, why)
  if (type !== 'proportion') refuseOptions(options, ['variance'], why)
  switch (type) {
    case 'proportion': {
      refuseOptions(options, ['sd', 'treatmentSd'], `${why}: a rate tells its own spread`)
      const baseline = requireOption(options.baseline, 'baseline', 'the rate of control')
      if (!(baseline > 0 && baseline < 1)) {
        throw misused(
          `--baseline ${baseline} is no rate.`,
          'Give the rate of control between 0 and 1, as 0.05 for 5 %.',
        )
      }
      return { type, baseline, method: options.variance ?? 'pooled' }
    }
    case 'mean':
      return spreadOf(type, options, requireOption(options.sd, 'sd', 'the standard deviation over units'))
    case 'count': {
      const baseline = requireOption(options.baseline, 'baseline', 'the mean count of control')
      if (!(baseline > 0)) throw misused(`--baseline ${baseline} is no mean count.`, 'Give a number above 0.')
      return spreadOf(type, options, options.sd ?? Math.sqrt(baseline))
    }
    case 'ratio':
      return ratioOf(options)
  }
}

function spreadOf(type: 'mean' | 'count' | 'ratio', options: PowerOptions, sd: number): PlannedMetric {
  const { baseline, treatmentSd = sd } = options
  for (const [name, value] of Object.entries({ sd, 'treatment-sd': treatmentSd })) {
    if (value ** 2 > 0 && Number.isFinite(value ** 2)) continue
    throw misused(
      `--${name} ${value} has no square in the computer's numbers.`,
      'Tell the metric in another unit.',
    )
  }
  return { type, baseline, variance: sd ** 2, treatmentVariance: treatmentSd ** 2 }
}

/** By its parts; or by its value and the standard deviation of a unit's share in it, if that is what is known. */
function ratioOf(options: PowerOptions): PlannedMetric {
  if (options.sd !== undefined) {
    refuseOptions(options, RATIO_PARTS, 'beside --sd')
    return spreadOf('ratio', options, options.sd)
  }
  refuseOptions(options, ['baseline', 'treatmentSd'], 'with --metric ratio, whose parts tell it')
  const why = 'a ratio is told by the means, standard deviations and correlation of its parts'
  const [meanNumerator, sdNumerator, meanDenominator, sdDenominator, correlation] = [
    requireOption(options.numeratorMean, 'numeratorMean', why),
    requireOption(options.numeratorSd, 'numeratorSd', why),
    requireOption(options.denominatorMean, 'denominatorMean', why),
    requireOption(options.denominatorSd, 'denominatorSd', why),
    requireOption(options.correlation, 'correlation', why),
  ]
  const { ratio, variance } = ratioVariance({
    meanNumerator,
    meanDenominator,
    varianceNumerator: sdNumerator ** 2,
    varianceDenominator: sdDenominator ** 2,
    covariance: correlation * sdNumerator * sdDenominator,
  })
  if (!(variance > 0 && Number.isFinite(variance))) {
    throw misused(
      `The parts of the ratio leave it a variance of ${variance}: it is the same for every unit.`,
      'Check --correlation and the standard deviations.',
    )
  }
  return { type: 'ratio', baseline: ratio, variance, treatmentVariance: variance }
}

/** What the options say of the effect, in the metric's own unit. */
export function plannedEffect(options: PowerOptions, metric: PlannedMetric): PlannedEffect {
  const { mde, margin, relative = false, direction: wanted } = options
  const scale = relative ? scaleOf(metric, options) : 1
  const direction =
    wanted === 'decrease' || (wanted === undefined && margin === undefined && (mde ?? 0) < 0) ? -1 : 1
  if (margin === undefined) {
    if (mde === 0) {
      throw misused(
        '--mde 0 is no effect: no number of units finds it.',
        'Give the smallest effect worth finding.',
      )
    }
    if (mde !== undefined && mde < 0 && wanted === 'increase') {
      throw misused(`--mde ${mde} is a fall, and --direction is increase.`, 'Leave one of the two out.')
    }
  }
  const difference = margin === undefined ? mde && direction * Math.abs(mde) * scale : (mde ?? 0) * scale
  const effect = { direction, difference, margin: margin && margin * scale } as const
  refuseImpossible(options, metric, effect)
  return effect
}

function scaleOf({ baseline }: PlannedMetric, { mde, margin }: PowerOptions): number {
  if (mde === undefined && margin === undefined) {
    throw misused('--relative has nothing to be of.', 'Give --mde or --margin, or leave --relative out.')
  }
  const value = requireOption(baseline, 'baseline', '--relative is a share of it')
  if (value === 0) {
    throw misused('--baseline 0 has no shares.', 'Give --mde and --margin without --relative.')
  }
  return Math.abs(value)
}

function refuseImpossible(
  options: PowerOptions,
  metric: PlannedMetric,
  { direction, difference = 0, margin }: PlannedEffect,
): void {
  if (margin !== undefined && direction * difference <= -margin) {
    throw misused(
      `--mde ${options.mde} is a harm as large as --margin ${options.margin}: no number of units rules it out.`,
      'Give a --mde on the good side of the margin, or leave it out.',
    )
  }
  if (metric.type !== 'proportion') return
  const rates = { mde: metric.baseline + difference, margin: metric.baseline - direction * (margin ?? 0) }
  for (const [name, rate] of Object.entries(rates)) {
    if (rate > 0 && rate < 1) continue
    throw misused(
      `--${name} ${options[name as 'mde' | 'margin']} takes the rate from ${metric.baseline} to ${Number(rate.toPrecision(12))}.`,
      'Give an effect that leaves the rate between 0 and 1; a share of the baseline wants --relative.',
    )
  }
}

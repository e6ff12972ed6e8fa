import type { Experiment } from '@fairtrial/protocol'
import { anytimeP } from '../anytime-evidence.ts'
import { contingencyP, sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { compareInputs, sayIndex, tellBins } from '../input-comparison.ts'
import { sayWindow } from '../input-trace.ts'
import { parityOf } from '../parity.ts'
import { sayP, sayShare } from '../words.ts'
import type { WatchedInput } from './inputs.ts'

/**
 * An input in the arms, which are drawn whatever it is: of each value, units must fall on the arms by their weights, at every
 * look; and alike for all values, so that a sample ratio which is off everywhere is not told again for every input. Nothing
 * is tested where units come by clusters.
 */
export function imbalanceFinding(
  { variants, cluster, control }: Experiment,
  { feature, bins, watch, windows, errorShare }: WatchedInput,
): Found[] {
  if (cluster !== undefined) return []
  const weights = variants.map(({ weight }) => weight)
  const tested = windows.flatMap(({ of, counts, errorShare: ofWindow }) => {
    const met = counts.filter((arms) => sum(arms) > 0)
    const alike = contingencyP(met)
    if (alike === null) return []
    const tables = met.map((arms) => ({ counts: arms, weights }))
    return [{ window: of, counts, p: Math.max(alike, anytimeP(tables, ofWindow * errorShare)) }]
  })
  const [worst] = tested.toSorted((a, b) => a.p - b.p)
  if (worst === undefined) return []
  const { window, counts, p } = worst
  const { severity, isOff } = parityOf(p)
  if (!isOff) return []
  const countsOf = (arm: number) => counts.map((arms) => arms[arm] ?? 0)
  const base = countsOf(variants.findIndex(({ name }) => name === control))
  const [furthest] = variants
    .flatMap(({ name }, arm) => {
      const compared = compareInputs(bins.labels, countsOf(arm), base)
      return compared === null ? [] : [{ variant: name, ...compared }]
    })
    .toSorted((a, b) => b.jensenShannon - a.jensenShannon)
  if (furthest === undefined) return []
  const { variant, jensenShannon, share } = furthest
  const [{ value, is, was }] = furthest.furthest
  return [
    {
      code: 'input-imbalance',
      severity: watch.action === 'warn' ? 'caution' : severity,
      detail: `Input ${feature} differs between arms${sayWindow(window)}: ${value} ${sayShare(was)} in ${control}, ${sayShare(is)} in ${variant}; Jensen–Shannon divergence ${sayIndex(jensenShannon)} bits; p ${sayP(p)} if arms were alike.`,
      remedy: `Arms are drawn, so that inputs are alike before the treatment: see what computes the input in ${variant}, and which exposures either arm loses. Do not read effects until it is found.`,
      evidence: {
        feature,
        action: watch.action,
        window,
        variant,
        units: sum(counts.map(sum)),
        jensenShannon,
        pValue: p,
        share,
        values: tellBins(furthest, { is: variant, was: control }),
      },
    },
  ]
}

import type { Bounds, Estimate, FixedLook, MetricDefinition, Moments } from '@fairtrial/protocol'
import {
  estimatedMean,
  fiellerLift,
  isEstimable,
  relativeLift,
  twoProportions,
  welch,
} from '@fairtrial/statistics'
import { finite, notEstimable, pick, positive } from './estimate.ts'

/** What tests made for one look would say of the same numbers; right only if this were the only look. */
export function lookOnce(
  control: Moments,
  treatment: Moments,
  { type, level }: { readonly type: MetricDefinition['type']; readonly level: number },
): FixedLook {
  const test = welch(control, treatment, { level })
  return {
    method: 'welch',
    statistic: pick(test, ({ t }) => t),
    degreesOfFreedom: pick(test, ({ degreesOfFreedom }) => degreesOfFreedom),
    pValue: pick(test, ({ pValue }) => positive(pValue)),
    interval: {
      level,
      absolute: pick(test, ({ interval }): Bounds => [interval.lower, interval.upper]),
      relative: pick(
        relativeLift(control, treatment, { level }),
        ({ interval }): Bounds => [interval.lower, interval.upper],
      ),
    },
    fieller: fiellerOf(control, treatment, level),
    ...(type === 'proportion' && { twoProportions: compareProportions(control, treatment, level) }),
  }
}

function fiellerOf(control: Moments, treatment: Moments, level: number): Estimate<Bounds> {
  const c = estimatedMean(control, 'control')
  if (!isEstimable(c)) return c
  const t = estimatedMean(treatment, 'treatment')
  if (!isEstimable(t)) return t
  const lift = fiellerLift(c, t, { level })
  if (!isEstimable(lift)) return lift
  if (lift.kind === 'interval') return finite<Bounds>([lift.lower, lift.upper])
  return notEstimable(
    'unbounded',
    "control's mean is not told apart from 0, so a relative effect has no bounds",
  )
}

function compareProportions(
  control: Moments,
  treatment: Moments,
  level: number,
): NonNullable<FixedLook['twoProportions']> {
  const test = twoProportions(proportionOf(control), proportionOf(treatment), { level })
  const pooled = isEstimable(test) ? test.pooled : test
  return {
    z: pick(pooled, ({ z }) => z),
    pValue: pick(pooled, ({ pValue }) => positive(pValue)),
    interval: pick(test, ({ newcombe }): Bounds => [newcombe.lower, newcombe.upper]),
  }
}

/** A mean of zeros and ones, as the count it came from. */
function proportionOf({ n, mean }: Moments): { readonly successes: number; readonly n: number } {
  return { successes: Math.round(n * mean), n }
}

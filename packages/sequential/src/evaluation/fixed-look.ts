import type { Bounds, FixedLook, MetricDefinition, Moments } from '@fairtrial/protocol'
import {
  type Estimable,
  isEstimable,
  type Lift,
  studentTQuantile,
  twoProportions,
  type WelchTest,
} from '@fairtrial/statistics'
import type { ArmEstimates } from './arm-estimates.ts'
import { relativeBounds } from './arms.ts'
import { finite, notEstimable, pick, positive } from './estimate.ts'

/** The effect and the relative effect held against zero, as though this were the only look. */
export interface FixedTests {
  readonly difference: Estimable<WelchTest>
  readonly lift: Estimable<Lift>
}

/** Both tests at one level. */
export function testsOf(estimates: Estimable<ArmEstimates>, level: number): FixedTests {
  if (!isEstimable(estimates)) return { difference: estimates, lift: estimates }
  return { difference: estimates.difference({ level }), lift: estimates.lift({ level }) }
}

/** What tests made for one look would say of the same numbers; right only if this were the only look. */
export function lookOnce(
  estimates: Estimable<ArmEstimates>,
  { difference: test, lift }: FixedTests,
  arms: { readonly control: Moments; readonly treatment: Moments },
  { type, level }: { readonly type: MetricDefinition['type']; readonly level: number },
): FixedLook {
  const isPlain = !isEstimable(estimates) || estimates.method === 'welch'
  return {
    method: isEstimable(estimates) ? estimates.method : 'welch',
    statistic: pick(test, ({ t }) => t),
    degreesOfFreedom: pick(test, ({ degreesOfFreedom }) => degreesOfFreedom),
    pValue: pick(test, ({ pValue }) => positive(pValue)),
    interval: {
      level,
      absolute: pick(test, ({ interval }): Bounds => [interval.lower, interval.upper]),
      relative: pick(lift, ({ interval }): Bounds => [interval.lower, interval.upper]),
    },
    fieller: fiellerOf(estimates, test, level),
    ...(type === 'proportion' && isPlain && { twoProportions: compareProportions(arms, level) }),
    ...(isEstimable(estimates) &&
      estimates.designEffect !== undefined && { designEffect: estimates.designEffect }),
  }
}

function fiellerOf(
  estimates: Estimable<ArmEstimates>,
  test: FixedTests['difference'],
  level: number,
): FixedLook['fieller'] {
  if (!isEstimable(estimates)) return estimates
  if (!isEstimable(test)) return test
  const { control, treatment, slope } = estimates
  if (control.mean === 0) {
    return notEstimable('zero-control-mean', "control's mean is 0: nothing to be relative to")
  }
  const multiplier = -studentTQuantile((1 - level) / 2, test.degreesOfFreedom)
  const bounds = relativeBounds({ control, treatment, slope, multiplier })
  if (bounds !== null) return finite<Bounds>(bounds)
  return notEstimable(
    'unbounded',
    "control's mean is not told apart from 0, so a relative effect has no bounds",
  )
}

function compareProportions(
  { control, treatment }: { readonly control: Moments; readonly treatment: Moments },
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

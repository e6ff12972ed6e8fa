import type {
  BayesianPlan,
  BayesianReading,
  Bounds,
  EffectSize,
  Estimate,
  Interval,
} from '@fairtrial/protocol'
import {
  type Estimable,
  isEstimable,
  normalModel,
  type NormalPosterior,
  notEstimable,
} from '@fairtrial/statistics'
import { type Arms, effectOfArms, relativeEffectOfArms } from './arms.ts'
import { finite, isEstimate, pick } from './estimate.ts'
import { ZERO_CONTROL_MEAN } from './interval.ts'
import type { OpenComparison, Ruling } from './ruling.ts'

/** What turns a posterior, of an effect for the better on the prior's scale, into the metric's own words. */
interface Scale {
  /** 1 when an increase is better. */
  readonly sign: 1 | -1
  readonly isRelative: boolean
  /** Control's mean without its sign; 0 where there is none. */
  readonly controlMean: number
}

/**
 * By the rule on the posterior that the plan has registered: a normal prior, a normal estimate. Nothing is latched, and
 * no rate of errors is held by construction: `simulatedErrorRate` of the plan is what simulation found.
 */
export function ruleByPosterior({ alpha, arms, definition }: OpenComparison, plan: BayesianPlan): Ruling {
  const scale: Scale = {
    sign: definition.direction === 'increase' ? 1 : -1,
    isRelative: plan.prior.scale === 'relative',
    controlMean: isEstimable(arms) ? Math.abs(arms.control.mean) : 0,
  }
  const level = 1 - alpha
  const posterior = isEstimable(arms) ? posteriorOf(arms, plan, scale, level) : arms
  const bayesian = readPosterior(posterior, scale, level)
  return {
    interval: bayesian.interval,
    method: 'credible',
    verdict: judge(bayesian, plan, scale),
    bayesian,
  }
}

function posteriorOf(
  arms: Arms,
  { prior, practicalEquivalence }: BayesianPlan,
  scale: Scale,
  level: number,
): Estimable<NormalPosterior> {
  const { sign, isRelative, controlMean } = scale
  if (isRelative && controlMean === 0) {
    return notEstimable('zero-control-mean', "control's mean is 0: nothing to be relative to")
  }
  const { estimate, standardError } = isRelative ? relativeEffectOfArms(arms) : effectOfArms(arms)
  const region = practicalEquivalence && sizeOf(practicalEquivalence, controlMean)
  const size = region && (isRelative ? region / controlMean : region)
  return normalModel(
    { estimate: sign * estimate, standardError },
    {
      level,
      prior: { mean: sign * prior.mean, variance: prior.standardDeviation ** 2 },
      ...(size && { practicalEquivalence: { lower: -size, upper: size } }),
    },
  )
}

function readPosterior(
  posterior: Estimable<NormalPosterior>,
  { sign, isRelative, controlMean }: Scale,
  level: number,
): BayesianReading {
  const unit = isRelative ? controlMean : 1
  const boundsIn = (one: number) =>
    pick(posterior, ({ interval: { lower, upper } }): Bounds => {
      return sign === 1 ? [lower * one, upper * one] : [-upper * one, -lower * one]
    })
  const interval: Interval = {
    level,
    absolute: boundsIn(unit),
    relative: controlMean === 0 && isEstimable(posterior) ? ZERO_CONTROL_MEAN : boundsIn(unit / controlMean),
  }
  const within: Estimate<number> | undefined =
    isEstimable(posterior) && posterior.practical ? finite(posterior.practical.within) : undefined
  return {
    chanceToBeat: pick(posterior, ({ chanceToWin }) => chanceToWin),
    expectedLoss: {
      ship: pick(posterior, ({ expectedLossTreatment }) => unit * expectedLossTreatment),
      stay: pick(posterior, ({ expectedLossControl }) => unit * expectedLossControl),
    },
    interval,
    ...(within !== undefined && { practicallyEquivalent: within }),
  }
}

/** A win when all that the rule asks for holds, a loss when its mirror image does. */
function judge(
  { chanceToBeat, expectedLoss: { ship, stay } }: BayesianReading,
  { stopWhen }: BayesianPlan,
  { controlMean }: Scale,
): Ruling['verdict'] {
  if (!isEstimate(chanceToBeat)) return 'unknown'
  const most = stopWhen.expectedLoss ? sizeOf(stopWhen.expectedLoss, controlMean) : Number.POSITIVE_INFINITY
  const isSmall = (loss: Estimate<number>) => isEstimate(loss) && loss <= most
  if (chanceToBeat >= stopWhen.chanceToBeat && isSmall(ship)) return 'better'
  return chanceToBeat <= 1 - stopWhen.chanceToBeat && isSmall(stay) ? 'worse' : 'unknown'
}

/** In the metric's unit. */
function sizeOf(size: EffectSize, controlMean: number): number {
  return 'absolute' in size ? size.absolute : size.relative * controlMean
}

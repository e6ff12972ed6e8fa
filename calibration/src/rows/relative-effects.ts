import {
  deltaLift,
  type EstimatedMean,
  estimatedMean,
  fiellerLift,
  isEstimable,
  logRatioLift,
} from '@fairtrial/statistics'
import { type Draw, sampleOf } from '../draws.ts'
import { near, shareShown } from '../outcome.ts'
import type { Row } from '../row.ts'

const UNITS = 100
const LIFT = 0.5
/** Control's mean is three standard errors from 0; unit variance. */
const MEAN = 3 / Math.sqrt(UNITS)

type Covers = (control: EstimatedMean, treatment: EstimatedMean) => boolean

/** How often a set covers the lift. */
function covered(covers: Covers, { trials, random }: Parameters<Row['run']>[0]): number {
  const control: Draw = ({ normal }) => MEAN + normal()
  const treatment: Draw = ({ normal }) => MEAN * (1 + LIFT) + normal()
  let hits = 0
  for (let i = 0; i < trials; i++) {
    const c = estimatedMean(sampleOf(random, control, UNITS), 'control')
    const t = estimatedMean(sampleOf(random, treatment, UNITS), 'treatment')
    if (isEstimable(c) && isEstimable(t) && covers(c, t)) hits++
  }
  return hits
}

const contains = ({ lower, upper }: { readonly lower: number; readonly upper: number }) =>
  lower <= LIFT && LIFT <= upper

const isInFieller: Covers = (control, treatment) => {
  const set = fiellerLift(control, treatment)
  if (!isEstimable(set) || set.kind === 'whole-line') return isEstimable(set)
  return set.kind === 'interval' ? contains(set) : !(set.lower < LIFT && LIFT < set.upper)
}
const isInDelta: Covers = (control, treatment) => {
  const test = deltaLift(control, treatment)
  return isEstimable(test) && contains(test.interval)
}
const isInLogRatio: Covers = (control, treatment) => {
  const interval = logRatioLift(control, treatment)
  return isEstimable(interval) && contains(interval)
}

const TRIALS = { full: 100_000, short: 2_000 }

/** Relative effects where control's mean is near 0. */
export const relativeEffectRows: readonly Row[] = [
  {
    name: 'relative-effects/fieller',
    claim: "Coverage of Fieller's 95 % set of a lift of 50 %, control's mean 3 standard errors from 0",
    source: 'Fieller 1954',
    trials: TRIALS,
    run: (setting) => {
      const measured = covered(isInFieller, setting) / setting.trials
      return near(measured, Math.sqrt((0.95 * 0.05) / setting.trials), 0.95, 0.0015)
    },
  },
  {
    name: 'relative-effects/delta',
    claim: '… of the interval by the delta method',
    source: 'deltaLift',
    trials: TRIALS,
    run: (setting) => shareShown({ hits: covered(isInDelta, setting), trials: setting.trials }),
  },
  {
    name: 'relative-effects/log-ratio',
    claim: '… of that on the scale of logarithms, where not estimable counted as not covered',
    source: 'logRatioLift',
    trials: TRIALS,
    run: (setting) => shareShown({ hits: covered(isInLogRatio, setting), trials: setting.trials }),
  },
]

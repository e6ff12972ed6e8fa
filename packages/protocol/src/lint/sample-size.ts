import { durationMs } from '../duration.ts'
import type { Experiment } from '../experiment.ts'
import { type LintFinding, round } from './finding.ts'

const DAY = durationMs('1d')
/** Lehr's rule: 16 × variance / effect² units an arm, for a power of 80 % at a two-sided alpha of 5 % (Lehr 1992). */
const LEHR = 16
/** With this share of Lehr's units the effect is 1.96 standard errors: seen in every other trial. */
const EVERY_OTHER = 0.48

/** Whether the planned units can be had before the horizon: at the last stage's traffic from the first day on. */
export function* lintDuration(experiment: Experiment): Generator<LintFinding> {
  const { analysis, ramp, variants, control, hypothesis, metrics } = experiment
  const { maximumUnits, expectedUnitsPerDay } = analysis
  if (maximumUnits === undefined || expectedUnitsPerDay === undefined) return
  const { trafficPercent } = ramp.stages.at(-1)!
  const total = variants.reduce((sum, { weight }) => sum + weight, 0)
  const base = variants.find(({ name }) => name === control)!
  const smallest = Math.min(...variants.filter((variant) => variant !== base).map(({ weight }) => weight))
  const compared = (base.weight + smallest) / total
  const enrolling = maximumUnits / (expectedUnitsPerDay * (trafficPercent / 100) * compared)
  const { window, delay } = metrics[hypothesis.metric]!
  const closing = (durationMs(window) + durationMs(delay ?? '0s')) / DAY
  if (enrolling + closing <= durationMs(hypothesis.horizon) / DAY) return
  yield {
    code: 'end-past-horizon',
    path: 'analysis.maximumUnits',
    detail: `${maximumUnits} units take ${maximumUnits} / (${expectedUnitsPerDay} × ${trafficPercent} % × ${round(100 * compared)} %) = ${round(enrolling)} days or more, and ${round(closing)} until the last window has closed: past the horizon, ${hypothesis.horizon}.`,
    remedy: 'Plan fewer units for a larger lift, let the ramp enrol more, or move hypothesis.horizon.',
  }
}

/** Only where a rule of thumb is sure: the lift is missed more often than found. */
export function* lintPower({
  analysis,
  hypothesis,
  metrics,
  dimensions = {},
}: Experiment): Generator<LintFinding> {
  const { maximumUnits, alpha, method } = analysis
  const { type, baseline, covariates, cap } = metrics[hypothesis.metric]!
  const isPlain = type === 'proportion' || type === 'count' || type === 'mean'
  const isReduced =
    covariates !== undefined ||
    cap !== undefined ||
    Object.values(dimensions).some(({ stratify }) => stratify)
  if (maximumUnits === undefined || baseline === undefined || !isPlain || isReduced) return
  if (alpha > 0.05 || method === 'bayesian') return
  const { minimumLift } = hypothesis
  const lift =
    'absolute' in minimumLift ? minimumLift.absolute : Math.abs(baseline.mean) * minimumLift.relative
  const needed = (2 * LEHR * baseline.variance) / lift ** 2
  if (!Number.isFinite(needed) || maximumUnits >= needed * EVERY_OTHER) return
  yield {
    code: 'underpowered',
    path: 'analysis.maximumUnits',
    detail: `Two arms take about 2 × ${LEHR} × ${baseline.variance} / ${round(lift)}² = ${Math.ceil(needed)} units to find the smallest lift worth having in four of five trials; with ${maximumUnits} it is missed more often than not.`,
    remedy:
      'Plan more units, or a larger minimumLift, or register covariates; `fairtrial power` tells the exact number.',
  }
}

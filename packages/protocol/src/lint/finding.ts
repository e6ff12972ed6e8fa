/**
 * What `lint` can find.
 *
 * Protection:
 * - `keeps-serving`: nothing bounds how long an abort can take
 * - `no-guardrail`: nothing watches for harm
 * - `no-abort`: no guardrail ends the rollout by itself
 * - `no-hard-limit`: a catastrophe waits for closed windows
 * - `slow-guardrail`: a window outlasts the first stage
 * - `sparse-quantile`: a guardrail's quantile rests on a handful of units
 * - `sparse-events`: a guardrail's rate rests on a handful of events
 *
 * Arms and ramp:
 * - `many-variants`: the arms share the units too thinly
 * - `bundled-change`: an arm differs from control in several things
 * - `idle-arm`: an arm serves what control serves
 * - `factorial`: an arm does what two others do together
 * - `unequal-arms`: arms of 3 : 1 or more
 * - `small-minimum`: with unequal arms, something decides on too few units
 * - `large-first-stage`: many meet the change before anything is known
 * - `ramp-past-horizon`: the stages outlast the trial
 *
 * Metrics:
 * - `several-primaries`: each has a share of alpha only
 * - `no-baseline`: nobody can say how many units it takes
 * - `odd-direction`: its name says that the other way is better
 * - `heavy-tail`: a few units carry the mean, and no cap holds them
 * - `unreachable`: a lift, margin or threshold that no proportion can come to
 * - `bursts-of-events`: rare events of one unit are taken for independent
 * - `unclustered-ratio`: units finer than a person are taken for independent
 * - `unadjusted-secondaries`: several secondary metrics, each judged as if it were the only one
 * - `many-segments`: segments share the error and the units too thinly
 *
 * Looks and error:
 * - `looks-at-fixed-horizon`: a method with one look, and a ramp that is watched
 * - `clustered-looks`: looks are timed by clusters, which may all be there from the start
 * - `no-schedule`: looks at the default fractions, and nobody knows on which days
 * - `many-looks`: a schedule as dense as no schedule
 * - `early-spending`: alpha is spent where little is known
 * - `unused-end`: a planned end, and a method that pays for having none
 * - `tuned-past-end`: intervals are tightest where the trial never comes
 * - `end-past-horizon`: too few units a day for the planned end
 * - `underpowered`: the planned units miss the smallest lift worth having more often than not
 * - `no-simulated-error-rate`, `high-simulated-error-rate`: how often a Bayesian rule wins without an effect
 * - `generous-attempts`: repeated attempts may spend more than twice alpha
 */
export type LintCode =
  | 'keeps-serving'
  | 'no-guardrail'
  | 'no-abort'
  | 'no-hard-limit'
  | 'slow-guardrail'
  | 'sparse-quantile'
  | 'sparse-events'
  | 'many-variants'
  | 'bundled-change'
  | 'idle-arm'
  | 'factorial'
  | 'unequal-arms'
  | 'small-minimum'
  | 'large-first-stage'
  | 'ramp-past-horizon'
  | 'several-primaries'
  | 'no-baseline'
  | 'odd-direction'
  | 'heavy-tail'
  | 'unreachable'
  | 'bursts-of-events'
  | 'unclustered-ratio'
  | 'unadjusted-secondaries'
  | 'many-segments'
  | 'looks-at-fixed-horizon'
  | 'clustered-looks'
  | 'no-schedule'
  | 'many-looks'
  | 'early-spending'
  | 'unused-end'
  | 'tuned-past-end'
  | 'end-past-horizon'
  | 'underpowered'
  | 'no-simulated-error-rate'
  | 'high-simulated-error-rate'
  | 'generous-attempts'

/** Something in a valid definition that will be regretted. */
export interface LintFinding {
  readonly code: LintCode
  readonly path: string
  /** What it costs. */
  readonly detail: string
  readonly remedy: string
}

/** A number as a finding tells it: four digits, and no more. */
export function round(value: number): number {
  return Number(value.toPrecision(4))
}

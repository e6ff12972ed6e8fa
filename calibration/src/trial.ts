import {
  defineExperiment,
  type Evaluation,
  type Experiment,
  type ExperimentDefinition,
  type LookKind,
  type TrialSummary,
} from '@fairtrial/protocol'
import type { GrowingArm } from './draws.ts'
import type { Setting } from './row.ts'

const BASE = {
  key: 'calibration',
  hypothesis: {
    change: 'nothing at all',
    population: 'simulated units',
    metric: 'primary',
    direction: 'increase',
    minimumLift: { relative: 0.02 },
    horizon: '14d',
  },
  unitType: 'unit',
  variants: [
    { name: 'control', weight: 1 },
    { name: 'treatment', weight: 1 },
  ],
  control: 'control',
  metrics: { primary: { type: 'mean', role: 'primary', direction: 'increase', window: '1d' } },
  analysis: { method: 'asymptotic-cs', tuneAt: 10_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 100 }] },
} as const satisfies ExperimentDefinition

/** A plan as a service would write it; what is not given is the plainest. */
export function trialOf(changes: Partial<ExperimentDefinition> = {}): Experiment {
  return defineExperiment({ ...BASE, ...changes })
}

/** What units say so far: by metric, then variant. */
type Arms<T> = { readonly [metric: string]: { readonly [variant: string]: T } }

/** What a log of these arms would be folded to. */
function summaryOf(experiment: Experiment, values: Arms<GrowingArm>, asOf: number): TrialSummary {
  const metrics = Object.entries(values).map(([metric, arms]) => [
    metric,
    Object.fromEntries(
      Object.entries(arms).map(([variant, arm]) => {
        const closed = arm.moments()
        return [variant, { closed, current: arm.current?.() ?? closed, missing: 0 }]
      }),
    ),
  ])
  const [first] = Object.values(values)
  const units = Object.entries(first!).map(([variant, arm]) => [variant, (arm.current ?? arm.moments)().n])
  return summaryOfMetrics(experiment, Object.fromEntries(metrics) as TrialSummary['metrics'], {
    asOf,
    units: Object.fromEntries(units) as TrialSummary['units'],
  })
}

/** A summary of nothing but these. */
export function summaryOfMetrics(
  experiment: Experiment,
  metrics: TrialSummary['metrics'],
  { asOf, units }: Pick<TrialSummary, 'asOf' | 'units'>,
): TrialSummary {
  return {
    schema: 'fairtrial.summary/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase: 1,
    asOf,
    units,
    metrics,
    counts: {
      crossoverUnits: 0,
      repeatedExposures: 0,
      earlyOutcomes: 0,
      lateOutcomes: 0,
      repeatedOutcomes: 0,
      unmatchedOutcomes: 0,
      foreignExposures: 0,
      nonFiniteValues: 0,
    },
    newestEventAt: asOf,
  }
}

/** How one trial goes. */
export interface Course {
  /** New for each trial. */
  readonly arms: () => Arms<GrowingArm>
  /** Units in the treatment arms at each look, rising. */
  readonly looks: readonly number[]
  /** Units of control for one of a treatment; 1 by default. */
  readonly ratio?: number
  /** Why each look is taken, knowing the one before; scheduled by default. */
  readonly look?: (before: Evaluation | undefined) => LookKind
  /** 1 by default. */
  readonly phase?: number
}

type IsCalled = (evaluation: Evaluation) => boolean

/** Looks at a trial through `evaluate` until one is called, each look knowing those before. */
function* looksAt(
  { evaluate }: Setting,
  experiment: Experiment,
  { arms: makeArms, looks, ratio = 1, look: kindOf = () => 'scheduled', phase = 1 }: Course,
): Generator<Evaluation, void> {
  const arms = makeArms()
  let before = 0
  let evaluation: Evaluation | undefined
  for (const [look, units] of looks.entries()) {
    for (const variants of Object.values(arms)) {
      for (const [variant, arm] of Object.entries(variants)) {
        arm.grow((units - before) * (variant === experiment.control ? ratio : 1))
      }
    }
    before = units
    const summary = { ...summaryOf(experiment, arms, 1_000 * (look + 1)), phase }
    const ledger = evaluation?.looks
    evaluation = evaluate(experiment, summary, { look: kindOf(evaluation), ...(ledger && { ledger }) })
    yield evaluation
  }
}

/** The number of the first look that is called, from 0. */
export function firstCall(
  setting: Setting,
  experiment: Experiment,
  course: Course,
  isCalled: IsCalled,
): number | null {
  let look = 0
  for (const evaluation of looksAt(setting, experiment, course)) {
    if (isCalled(evaluation)) return look
    look++
  }
  return null
}

/** The look that is called, or the last one where none is. */
export function lastLook(
  setting: Setting,
  experiment: Experiment,
  course: Course,
  isCalled: IsCalled,
): Evaluation {
  let last: Evaluation | undefined
  for (const evaluation of looksAt(setting, experiment, course)) {
    last = evaluation
    if (isCalled(evaluation)) break
  }
  return last!
}

/** How many trials have a look that is called. */
export function countCalls(
  setting: Setting,
  experiment: Experiment,
  course: Course,
  isCalled: IsCalled,
): { readonly hits: number; readonly trials: number } {
  let hits = 0
  for (let i = 0; i < setting.trials; i++) {
    if (firstCall(setting, experiment, course, isCalled) !== null) hits++
  }
  return { hits, trials: setting.trials }
}

/** Looks evenly apart. */
export const everyUnits = (step: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (i + 1) * step)

/** Sizes that are each so many times the one before, sixty by default. */
export const growing = (from: number, to: number, count = 60): number[] =>
  Array.from({ length: count }, (_, i) => Math.round(from * (to / from) ** (i / (count - 1))))

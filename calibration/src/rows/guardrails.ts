import type { EffectSize, Evaluation, Experiment, Guardrail } from '@fairtrial/protocol'
import type { RandomStream } from '@fairtrial/sequential'
import { proportionSampleSize } from '@fairtrial/statistics'
import { armOf, lognormal, rateArm } from '../draws.ts'
import { shareAtLeast, shareAtMost, shareShown } from '../outcome.ts'
import type { Row } from '../row.ts'
import { countCalls, everyUnits, firstCall, growing, trialOf } from '../trial.ts'

const FALSE_ABORT_ALPHA = 0.05
const source = 'evaluate; Waudby-Smith et al. 2024'

interface Plan {
  readonly margin?: EffectSize
  readonly direction?: 'increase' | 'decrease'
  readonly minimumUnits?: number
  readonly guardrails?: number
  readonly treatments?: number
  readonly tuneAt?: number
  readonly falseAbortAlpha?: number
  readonly hardLimit?: Guardrail['hardLimit']
  readonly rareEvents?: boolean
}

/** A trial with guardrails that are all alike; its primary metric says nothing. */
function guarded({
  margin = { absolute: 0.05 },
  direction = 'decrease',
  minimumUnits = 100,
  guardrails = 1,
  treatments = 1,
  tuneAt = 10_000,
  falseAbortAlpha = FALSE_ABORT_ALPHA,
  hardLimit,
  rareEvents = false,
}: Plan): Experiment {
  const names = Array.from({ length: guardrails }, (_, i) => `guarded-${i}`)
  const type = rareEvents ? 'proportion' : 'mean'
  const guard = { type, role: 'guardrail', direction, window: '1d', rareEvents } as const
  return trialOf({
    variants: variantsOf(treatments).map((name) => ({ name, weight: 1 })),
    metrics: {
      primary: { type: 'mean', role: 'primary', direction: 'increase', window: '1d' },
      ...Object.fromEntries(names.map((name) => [name, guard])),
    },
    guardrails: names.map((metric) => ({
      metric,
      margin,
      action: 'abort',
      evidence: { minimumUnits },
      ...(hardLimit && { hardLimit }),
    })),
    analysis: { method: 'asymptotic-cs', tuneAt, falseAbortAlpha },
  })
}

const variantsOf = (treatments: number) => [
  'control',
  ...Array.from({ length: treatments }, (_, i) => (i === 0 ? 'treatment' : `treatment-${i}`)),
]

/** The primary metric is there, and has no units yet. */
const SILENT = { grow: () => {}, moments: () => ({ n: 0, mean: 0, m2: 0 }) }

/** Every guarded metric of every arm from these. */
function armsOf(experiment: Experiment, make: (isControl: boolean) => ReturnType<typeof rateArm>) {
  return () =>
    Object.fromEntries(
      Object.keys(experiment.metrics).map((metric) => [
        metric,
        Object.fromEntries(
          experiment.variants.map(({ name }) => [
            name,
            metric === 'primary' ? SILENT : make(name === experiment.control),
          ]),
        ),
      ]),
    )
}

const ratesOf = (experiment: Experiment, random: RandomStream, control: number, treatment: number) =>
  armsOf(experiment, (isControl) => rateArm(random, isControl ? control : treatment))

/** Whether a guardrail aborts by its margin. */
const isBreached = ({ metrics }: Evaluation): boolean =>
  Object.values(metrics).some(({ comparisons }) =>
    Object.values(comparisons).some(({ guardrail }) => guardrail?.verdict === 'breach'),
  )

/** Whether a guardrail aborts by its hard limit. */
const isAtHardLimit = ({ metrics }: Evaluation): boolean =>
  metrics['guarded-0']!.comparisons['treatment']!.guardrail!.hardLimit?.breached === true

const atMargin = (
  [
    ['absolute', '20 % against 25 %, a margin of 5 points', 0.2, 0.25, { absolute: 0.05 }, 20],
    ['relative', '20 % against 25 %, a margin of a quarter', 0.2, 0.25, { relative: 0.25 }, 20],
    ['rare', '1 % against 2 %, a margin of 1 point', 0.01, 0.02, { absolute: 0.01 }, 50],
  ] as const
).map(
  ([name, what, control, treatment, margin, step]): Row => ({
    name: `guardrails/false-abort-${name}`,
    claim: `A treatment just at its margin, ${what}, 1,000 looks: ever aborted`,
    source,
    trials: { full: 400, short: 6 },
    run: (setting) => {
      const experiment = guarded({ margin })
      const arms = ratesOf(experiment, setting.random, control, treatment)
      const course = { arms, looks: everyUnits(step, 1_000) }
      return shareAtMost(countCalls(setting, experiment, course, isBreached), FALSE_ABORT_ALPHA)
    },
  }),
)

const rareEvents: Row = {
  name: 'guardrails/false-abort-rare-events',
  claim:
    'A treatment just at its margin, 1 of 10,000 against 1.5, a margin of a half, compared by rare events, 1,000 looks: ever aborted',
  source: 'evaluate; Lindon & Malek 2022',
  trials: { full: 400, short: 6 },
  run: (setting) => {
    const experiment = guarded({ margin: { relative: 0.5 }, rareEvents: true })
    const arms = ratesOf(experiment, setting.random, 1e-4, 1.5e-4)
    const course = { arms, looks: everyUnits(2_000, 1_000) }
    return shareAtMost(countCalls(setting, experiment, course, isBreached), FALSE_ABORT_ALPHA)
  },
}

const shared: Row = {
  name: 'guardrails/false-abort-shared',
  claim:
    'Five guardrails, two treatments, all just at the margin, falseAbortAlpha 0.2, 20 looks: ever aborted',
  source: 'Bonferroni',
  trials: { full: 2_000, short: 150 },
  run: (setting) => {
    const experiment = guarded({ guardrails: 5, treatments: 2, falseAbortAlpha: 0.2 })
    const arms = ratesOf(experiment, setting.random, 0.2, 0.25)
    const course = { arms, looks: growing(100, 20_000, 20) }
    return shareAtMost(countCalls(setting, experiment, course, isBreached), 0.2)
  },
}

const heavy = (
  [
    ['equal', 1, 100, true, { full: 1_000, short: 15 }],
    ['unequal-early', 5, 100, false, { full: 1_000, short: 10 }],
    ['unequal', 5, 10_000, true, { full: 1_000, short: 10 }],
  ] as const
).map(
  ([name, ratio, minimumUnits, isClaimed, trials]): Row => ({
    name: `guardrails/false-abort-lognormal-${name}`,
    claim: `A lognormal (sd 2) mean 20 % worse, its margin, ${ratio} : 1, ${minimumUnits} units at least, 60 looks to 20,000: ever aborted`,
    source,
    trials,
    run: (setting) => {
      const experiment = guarded({ margin: { relative: 0.2 }, direction: 'increase', minimumUnits })
      const draw = lognormal(2)
      const worse = (random: RandomStream) => 0.8 * draw(random)
      const arms = armsOf(experiment, (isControl) => armOf(setting.random, isControl ? draw : worse))
      const course = { arms, looks: growing(minimumUnits, 20_000), ratio }
      const count = countCalls(setting, experiment, course, isBreached)
      return isClaimed ? shareAtMost(count, FALSE_ABORT_ALPHA) : shareShown(count)
    },
  }),
)

/** A treatment twice its margin worse, and how many units a single test at the planned end would take to see it. */
const HARM = { control: 0.2, treatment: 0.3 }
const ideal = proportionSampleSize(
  { ...HARM, nullDifference: 0.05, method: 'unpooled' },
  { alpha: FALSE_ABORT_ALPHA, power: 0.8 },
)
const STEP = Math.ceil(ideal.total / 2 / 50)
const harmful = (setting: Parameters<Row['run']>[0]) => {
  const experiment = guarded({ tuneAt: ideal.total })
  return {
    experiment,
    arms: ratesOf(experiment, setting.random, HARM.control, HARM.treatment),
  }
}

const delay: Row[] = [
  {
    name: 'guardrails/harm-found',
    claim: `Harm of twice the margin is found within 1.76 times the ${ideal.total} units of one look of 80 % power`,
    source,
    trials: { full: 2_000, short: 40 },
    run: (setting) => {
      const { experiment, arms } = harmful(setting)
      const course = { arms, looks: everyUnits(STEP, 88) }
      return shareAtLeast(countCalls(setting, experiment, course, isBreached), 0.8)
    },
  },
  ...[0.5, 0.8].map(
    (share): Row => ({
      name: `guardrails/harm-delay-${100 * share}`,
      claim: `… units until ${100 * share} % of trials have found it, times those of that one look`,
      source,
      trials: { full: 2_000, short: 40 },
      run: (setting) => {
        const { experiment, arms } = harmful(setting)
        const course = { arms, looks: everyUnits(STEP, 300) }
        const found = Float64Array.from(
          { length: setting.trials },
          () => firstCall(setting, experiment, course, isBreached) ?? Number.POSITIVE_INFINITY,
        ).toSorted()
        const at = (each: number) =>
          ((found[Math.min(found.length - 1, Math.floor(each * found.length))]! + 1) * 2 * STEP) / ideal.total
        const spread = Math.sqrt((share * (1 - share)) / found.length)
        return { measured: at(share), error: (at(share + spread) - at(share - spread)) / 2 }
      },
    }),
  ),
]

const hardLimits = (
  [
    [0.02, 0.2, 10],
    [0.02, 0.2, 30],
    [0.05, 0.2, 10],
    [0.05, 0.2, 30],
    [0.1, 0.3, 10],
    [0.1, 0.3, 30],
  ] as const
).map(
  ([rate, worst, minimumUnits]): Row => ({
    name: `guardrails/hard-limit-${100 * rate}-${minimumUnits}`,
    claim: `A healthy arm with a rate of ${100 * rate} % meets its hard limit of ${100 * worst} % in its first 60 units, from ${minimumUnits} on`,
    source: 'no test: its false aborts come on top',
    trials: { full: 2_000, short: 10 },
    run: (setting) => {
      const experiment = guarded({ hardLimit: { worst, minimumUnits } })
      const arms = ratesOf(experiment, setting.random, rate, rate)
      return shareShown(countCalls(setting, experiment, { arms, looks: everyUnits(1, 60) }, isAtHardLimit))
    },
  }),
)

/** Guardrails through `evaluate`: false aborts, and how soon harm is found. */
export const guardrailRows: readonly Row[] = [
  ...atMargin,
  rareEvents,
  shared,
  ...heavy,
  ...delay,
  ...hardLimits,
]

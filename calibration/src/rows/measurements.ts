import type { Evaluation, Experiment, MetricSummary } from '@fairtrial/protocol'
import { Traffic, type TrafficPlan } from '../measured-traffic.ts'
import { type Count, shareAtLeast, shareAtMost, shareShown } from '../outcome.ts'
import type { Row, Setting } from '../row.ts'
import { summaryOfMetrics, trialOf } from '../trial.ts'

const FALSE_ABORT_ALPHA = 0.05
const MARGIN = 0.1
const source = 'evaluate; Kott 2001; Waudby-Smith et al. 2024'

/** A guardrail on what requests take, by measurements or, taking requests for units, naively. */
function guardedTrial({ isNaive = false, quantile, margin = MARGIN }: Guarded): Experiment {
  const numbers =
    quantile === undefined ? ({ type: 'mean' } as const) : ({ type: 'quantile', quantile } as const)
  const from = isNaive ? ({ window: '1d' } as const) : ({ source: 'measurements' } as const)
  return trialOf({
    metrics: {
      primary: { type: 'mean', role: 'primary', direction: 'increase', window: '1d' },
      latency: { ...numbers, ...from, role: 'guardrail', direction: 'decrease' },
    },
    guardrails: [{ metric: 'latency', margin: { absolute: margin }, action: 'abort' }],
    analysis: { method: 'asymptotic-cs', tuneAt: 10_000, falseAbortAlpha: FALSE_ABORT_ALPHA },
  })
}

interface Guarded {
  readonly isNaive?: boolean
  readonly quantile?: number
  readonly margin?: number
}

const NOTHING = { n: 0, mean: 0, m2: 0 }
const SILENT: MetricSummary = { closed: NOTHING, current: NOTHING, missing: 0 }

/** How many trials are aborted at any of their minutes; the treatment takes so much longer. */
function countAborts(
  setting: Setting,
  experiment: Experiment,
  traffic: TrafficPlan,
  { minutes, treated }: { readonly minutes: number; readonly treated: Partial<TrafficPlan> },
): Count {
  const isQuantile = experiment.metrics['latency']!.quantile !== undefined
  const arm = (change: Partial<TrafficPlan>) =>
    new Traffic(setting.random, { ...traffic, ...change }, isQuantile)
  let hits = 0
  for (let i = 0; i < setting.trials; i++) {
    const [control, treatment] = [arm({}), arm(treated)]
    for (let minute = 1; minute <= minutes; minute++) {
      control.minute()
      treatment.minute()
      const summary = summaryOfMetrics(
        experiment,
        {
          primary: { control: SILENT, treatment: SILENT },
          latency: { control: control.summary(), treatment: treatment.summary() },
        },
        { asOf: 60_000 * minute, units: { control: control.units, treatment: treatment.units } },
      )
      if (!isBreached(setting.evaluate(experiment, summary))) continue
      hits += 1
      break
    }
  }
  return { hits, trials: setting.trials }
}

const isBreached = ({ metrics }: Evaluation): boolean =>
  metrics['latency']!.comparisons['treatment']!.guardrail!.verdict === 'breach'

const COMING = { atStart: 0, perMinute: 3, requests: 0.3, shift: 0 }
const STAYING = { atStart: 300, perMinute: 0, requests: 0.3, shift: 0 }

const atMargin = (
  [
    ['10', 'a tenth of their variance in common', { ...COMING, intraclass: 0.1, busy: 0.5 }],
    ['50', 'half in common', { ...COMING, intraclass: 0.5, busy: 0.5 }],
    ['heavy', 'three tenths in common, units unevenly busy', { ...COMING, intraclass: 0.3, busy: 1 }],
    ['staying', 'a tenth, all there from the start', { ...STAYING, intraclass: 0.1, busy: 0.5 }],
    ['independent', 'nothing in common', { ...STAYING, intraclass: 0, busy: 0 }],
  ] as const
).map(
  ([name, what, traffic]): Row => ({
    name: `measurements/false-abort-${name}`,
    claim: `Latency at its margin, 300 looks, requests of a unit with ${what}: ever aborted`,
    source,
    trials: { full: 400, short: name === 'heavy' ? 12 : 2 },
    run: (setting) =>
      shareAtMost(
        countAborts(setting, guardedTrial({}), traffic, { minutes: 300, treated: { shift: MARGIN } }),
        FALSE_ABORT_ALPHA,
      ),
  }),
)

const errors: Row = {
  name: 'measurements/false-abort-errors',
  claim:
    'Errors at their margin, 1 % against 2, 300 looks, requests of a unit with three tenths in common: ever aborted',
  source,
  trials: { full: 400, short: 4 },
  run: (setting) => {
    const traffic = { ...COMING, intraclass: 0.3, busy: 0.5, errorRate: 0.01 }
    const course = { minutes: 300, treated: { errorRate: 0.02 } }
    return shareAtMost(
      countAborts(setting, guardedTrial({ margin: 0.01 }), traffic, course),
      FALSE_ABORT_ALPHA,
    )
  },
}

const naive: Row = {
  name: 'measurements/naive-requests',
  claim: '… three tenths in common, and requests taken for units',
  source: 'the same sequence over requests',
  trials: { full: 400, short: 4 },
  run: (setting) => {
    const traffic = { ...COMING, intraclass: 0.3, busy: 0.5 }
    return shareShown(
      countAborts(setting, guardedTrial({ isNaive: true }), traffic, {
        minutes: 300,
        treated: { shift: MARGIN },
      }),
    )
  },
}

const tail: Row = {
  name: 'measurements/false-abort-p95',
  claim: "Latency's p95 at its margin, 200 looks, requests with three tenths in common: ever aborted",
  source: 'evaluate; Woodruff 1952',
  trials: { full: 100, short: 1 },
  run: (setting) => {
    const traffic = { ...COMING, intraclass: 0.3, busy: 0.5 }
    const plan = guardedTrial({ quantile: 0.95 })
    return shareAtMost(
      countAborts(setting, plan, traffic, { minutes: 200, treated: { shift: MARGIN } }),
      FALSE_ABORT_ALPHA,
    )
  },
}

const found: Row[] = [
  ['mean', undefined, 0.5],
  ['p95', 0.95, 1.5],
].map(
  ([name, quantile, shift]): Row => ({
    name: `measurements/harm-found-${name}`,
    claim: `Latency ${shift as number} s longer, a margin of ${MARGIN} s, three tenths in common: found in 200 looks by its ${name}`,
    source,
    trials: { full: 50, short: 2 },
    run: (setting) => {
      const traffic = { ...COMING, intraclass: 0.3, busy: 0.5 }
      const plan = guardedTrial(quantile === undefined ? {} : { quantile: quantile as number })
      return shareAtLeast(
        countAborts(setting, plan, traffic, { minutes: 200, treated: { shift: shift as number } }),
        0.8,
      )
    },
  }),
)

/** Guardrails on measurements: requests of one unit are alike, and every minute is a look. */
export const measurementRows: readonly Row[] = [...atMargin, errors, naive, tail, ...found]

import { clopperPearson, isEstimable } from '@fairtrial/statistics'
import type { SimulatedPlan } from './simulated-plan.ts'
import type { Scenario } from './scenario.ts'
import type { TrialEnd } from './run-trial.ts'

/** An estimate from simulated trials, and its standard error. */
export interface Simulated {
  readonly value: number
  readonly standardError: number
}

/** How often a metric's test at one look finds an effect where there is none. */
interface FalsePositives extends Simulated {
  /** Alpha lies outside what so many trials leave possible (Clopper-Pearson, 99.9 %): the test is not what it says. */
  readonly isOff: boolean
}

/** What became of the trials of one world. */
export interface ScenarioResult {
  readonly scenario: string
  readonly truth: string
  readonly trials: number
  /** Shares of the trials. */
  readonly shipped: Simulated
  readonly aborted: Simulated
  readonly stopped: Simulated
  /** The hypothesis' metric was better at the end, whatever was decided. */
  readonly primaryBetter: Simulated
  /** Days and exposed units until the end. */
  readonly days: Simulated
  readonly units: Simulated
  /** Of the trials that were aborted: treated units until then, on average and in the worst of ten. Null without any. */
  readonly treatedBeforeAbort: (Simulated & { readonly worstOfTen: number }) | null
  readonly looks: number
  /** By metric, of a world without an effect: an A/A test at the units that the plan ends with, or is tuned for. */
  readonly falsePositives?: { readonly [metric: string]: FalsePositives }
  /** How often each rule ended a trial, the most frequent first. */
  readonly rules: readonly { readonly rule: string; readonly trials: number }[]
}

/** The trials of one world, summed up. */
export function tallyTrials(
  { name, truth }: Scenario,
  { experiment, metrics, isWithoutEffect }: SimulatedPlan,
  ends: readonly TrialEnd[],
): ScenarioResult {
  const share = (holds: (end: TrialEnd) => boolean) => shareOf(ends.filter(holds).length, ends.length)
  const treated = ends
    .filter(({ status }) => status === 'aborted')
    .map((end) => end.treated)
    .toSorted((a, b) => a - b)
  const rules = new Map<string, number>()
  for (const { rule } of ends) rules.set(rule, (rules.get(rule) ?? 0) + 1)
  return {
    scenario: name,
    truth,
    trials: ends.length,
    shipped: share(({ status }) => status === 'shipped'),
    aborted: share(({ status }) => status === 'aborted'),
    stopped: share(({ status }) => status === 'stopped'),
    primaryBetter: share(({ primary }) => primary === 'better'),
    days: meanOf(ends.map(({ days }) => days)),
    units: meanOf(ends.map(({ units }) => units)),
    treatedBeforeAbort:
      treated.length === 0
        ? null
        : { ...meanOf(treated), worstOfTen: treated[Math.ceil(0.9 * treated.length) - 1]! },
    looks: ends.reduce((sum, { looks }) => sum + looks, 0),
    ...(isWithoutEffect && {
      falsePositives: Object.fromEntries(
        metrics.map((metric) => [
          metric.name,
          falsePositivesOf(metric.name, ends, experiment.analysis.alpha),
        ]),
      ),
    }),
    rules: [...rules].map(([rule, trials]) => ({ rule, trials })).toSorted((a, b) => b.trials - a.trials),
  }
}

function falsePositivesOf(metric: string, ends: readonly TrialEnd[], alpha: number): FalsePositives {
  const found = ends.filter(({ falsePositives = [] }) => falsePositives.includes(metric)).length
  const possible = clopperPearson({ successes: found, n: ends.length }, { level: 0.999 })
  return {
    ...shareOf(found, ends.length),
    isOff: isEstimable(possible) && (alpha < possible.lower || alpha > possible.upper),
  }
}

/** A share is never certain, also when it is 0 or 1: the error is that of two more trials of each kind (Agresti & Coull). */
function shareOf(count: number, trials: number): Simulated {
  const p = (count + 2) / (trials + 4)
  return { value: count / trials, standardError: Math.sqrt((p * (1 - p)) / (trials + 4)) }
}

function meanOf(values: readonly number[]): Simulated {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return {
    value: mean,
    standardError: Math.sqrt(squares / Math.max(1, values.length - 1) / values.length),
  }
}

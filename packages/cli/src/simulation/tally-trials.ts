import type { Scenario } from './scenario.ts'
import type { TrialEnd } from './run-trial.ts'

/** An estimate from simulated trials, and its standard error. */
export interface Simulated {
  readonly value: number
  readonly standardError: number
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
  /** How often each rule ended a trial, the most frequent first. */
  readonly rules: readonly { readonly rule: string; readonly trials: number }[]
}

/** The trials of one world, summed up. */
export function tallyTrials({ name, truth }: Scenario, ends: readonly TrialEnd[]): ScenarioResult {
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
    rules: [...rules].map(([rule, trials]) => ({ rule, trials })).toSorted((a, b) => b.trials - a.trials),
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

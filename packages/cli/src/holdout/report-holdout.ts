import {
  type AuditReport,
  type Duration,
  type Evaluation,
  type Experiment,
  ExperimentError,
  type Holdout,
  type MetricEvaluation,
  type SealedMetric,
} from '@fairtrial/protocol'
import { evaluate } from '@fairtrial/sequential'
import { type HoldoutImpact, holdoutImpact } from './holdout-impact.ts'
import { holdoutLimits } from './holdout-limits.ts'
import { saySinceHoldout } from './holdout-sentence.ts'
import type { LeftOut } from './holdout-trial.ts'
import { type DrawnUnits, type HoldoutPlace, readHoldout } from './read-holdout.ts'

/** Whose units are looked at, and how many of their kind there are. */
export type HoldoutOptions = HoldoutPlace & {
  /** How long the table looks at each unit. Without it nothing is told of a day. */
  readonly period?: Duration
  /** All units that get what has shipped. Default: those of the table, where it has others than the holdout's. */
  readonly population?: number
}

/** What all that has shipped has done, together: `all-shipped` against `status-quo`. */
export interface HoldoutDocument {
  readonly schema: 'fairtrial.holdout/1'
  /** Whose metrics and analysis plan are used. The holdout belongs to every definition that names it. */
  readonly experiment: string
  readonly fingerprint: string
  readonly holdout: Holdout
  /** Epoch milliseconds. */
  readonly asOf: number
  readonly period: Duration | null
  /** By what the intervals are made; see `holdoutTrial`. */
  readonly method: Evaluation['method']
  /** Of the table, as they were drawn; how many of them a metric counts is told with it. */
  readonly units: DrawnUnits
  readonly population: number | null
  readonly metrics: { readonly [metric: string]: HoldoutMetric }
  readonly leftOut: LeftOut
  readonly audit: AuditReport
  /** What it says and what it cannot. */
  readonly limits: readonly string[]
}

/** A metric of a holdout. */
export type HoldoutMetric = MetricEvaluation & {
  /** One sentence, with the interval. */
  readonly sentence: string
  /** Null of what is no sum over units. */
  readonly impact: HoldoutImpact | null
}

/** A report, and what it was made from. */
export interface HoldoutReport {
  readonly trial: Experiment
  readonly evaluation: Evaluation
  readonly document: HoldoutDocument
}

/** Reads a table and reports what a holdout has cost or won. */
export async function reportHoldout(
  experiment: Experiment,
  options: HoldoutOptions,
  asOf: number,
): Promise<HoldoutReport> {
  const { holdout } = experiment
  if (holdout === undefined) throw withoutHoldout(experiment)
  const { trial, leftOut, summary, audit, drawn } = await readHoldout(experiment, options, asOf)
  // A fixed horizon has one look, which is this one.
  const evaluation = withoutTooGood(evaluate(trial, summary, { look: 'final' }))
  const { period = null } = options
  const population = populationOf(drawn, options.population)
  const scale = { allUnits: population, heldBack: drawn['status-quo'], period }
  const metrics = Object.entries<SealedMetric>(trial.metrics).flatMap(([name, definition]) => {
    const metric = evaluation.metrics[name]
    if (metric === undefined) return []
    const comparison = metric.comparisons['all-shipped']
    const sentence = saySinceHoldout(name, comparison, definition)
    const impact = comparison === undefined ? null : holdoutImpact(comparison, definition, scale)
    return [[name, { ...metric, sentence, impact }] as const]
  })
  const document: HoldoutDocument = {
    schema: 'fairtrial.holdout/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    holdout,
    asOf,
    period,
    method: evaluation.method,
    units: drawn,
    population,
    metrics: Object.fromEntries(metrics),
    leftOut,
    audit,
    limits: holdoutLimits(experiment, holdout, {
      crossoverUnits: summary.counts.crossoverUnits,
      leftOut,
      knownBefore: options.covariates ?? [],
    }),
  }
  return { trial, evaluation, document }
}

/** What is too good for one change is what many of them come to. */
function withoutTooGood(evaluation: Evaluation): Evaluation {
  const metrics = Object.entries(evaluation.metrics).map(([name, { cautions = [], ...metric }]) => {
    const kept = cautions.filter(({ code }) => code !== 'too-good')
    return [name, kept.length === 0 ? metric : { ...metric, cautions: kept }] as const
  })
  return { ...evaluation, metrics: Object.fromEntries(metrics) }
}

function populationOf(units: DrawnUnits, asked: number | undefined): number | null {
  const inTable = units['status-quo'] + units['all-shipped'] + units.outside
  if (asked === undefined) return units.outside === 0 ? null : inTable
  if (asked >= inTable) return asked
  throw new ExperimentError(
    'invalid-argument',
    `--population is ${asked}, and the table alone has ${inTable} units.`,
    'Give all units that get what has shipped, those of the table among them.',
  )
}

function withoutHoldout({ key }: Experiment): ExperimentError {
  return new ExperimentError(
    'invalid-definition',
    `${key} names no holdout.`,
    'Give a definition with `holdout: { name, percent }`: any of those that name the one you ask about.',
  )
}

import type { AuditReport, Experiment, LogEvent } from '@fairtrial/protocol'
import { type Audit, createAudit, foldAudit, type FoldOptions } from '../audit.ts'
import { isAtRest } from '../checks/unfinished-producer.ts'
import { auditReport } from '../report.ts'
import { auditedPhases } from '../trace-totals.ts'
import { type ContextValues, contextValuesOf } from './context-values.ts'
import {
  type CovariateEvents,
  covariateEventsOf,
  createMetricTrace,
  type MetricEvents,
  metricEventsOf,
  type MetricTrace,
  traceMetrics,
} from './metric-events.ts'

/** The log of a dry run, read so far: made by {@link createDryRun}, grown by {@link foldDryRun}. Its memory grows with events. */
export interface DryRun {
  readonly audit: Audit
  readonly metrics: MetricTrace
}

/** What a dry run has brought. */
export interface DryRunReport {
  readonly audit: AuditReport
  /** Epoch milliseconds of the last exposure that counts; null without any. */
  readonly endedAt: number | null
  /** How many producers wrote exposures of the experiment, or events that its metrics and covariates are made of. */
  readonly producers: number
  /** Those of them whose last word is no account that leaves nothing open. */
  readonly unfinished: readonly string[]
  readonly metrics: readonly MetricEvents[]
  readonly covariates: readonly CovariateEvents[]
  /** Dimensions and inputs of the plan. */
  readonly context: readonly ContextValues[]
}

/** An empty dry run of one phase. */
export function createDryRun(experiment: Experiment, { phase }: { readonly phase: number }): DryRun {
  return { audit: createAudit(experiment, { phase }), metrics: createMetricTrace(experiment, phase) }
}

/** Reads events into a dry run, in place, in any order and in any number of portions. Give it the whole log. */
export function foldDryRun(
  { audit, metrics }: DryRun,
  events: readonly LogEvent[],
  options: FoldOptions = {},
): void {
  foldAudit(audit, events, options)
  for (const event of events) traceMetrics(metrics, event)
}

/**
 * What the dry run has brought: for {@link readinessReport}.
 *
 * @param options.asOf epoch milliseconds
 */
export function dryRunReport({ audit, metrics }: DryRun, { asOf }: { readonly asOf: number }): DryRunReport {
  const [phase] = auditedPhases(audit)
  const own = [...audit.producers].filter(
    ([producerId, { exposures }]) => exposures > 0 || metrics.producers.has(producerId),
  )
  const firstExposureOf = (unitId: string) => phase?.unitTraces.get(unitId)
  return {
    audit: auditReport(audit, { asOf }),
    endedAt: audit.arrivals.newestExposureAt,
    producers: own.length,
    unfinished: own.filter(([, trace]) => !isAtRest(trace)).map(([producerId]) => producerId),
    metrics: metricEventsOf(metrics, firstExposureOf),
    covariates: covariateEventsOf(metrics, firstExposureOf),
    context: contextValuesOf(audit.experiment, phase),
  }
}

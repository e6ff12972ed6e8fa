import type {
  AuditReport,
  Decision,
  Evaluation,
  Experiment,
  LogEvent,
  TrialSummary,
} from '@fairtrial/protocol'
import { durationMs } from '@fairtrial/protocol'
import { auditReport, auditTable, createAudit, foldAudit } from '@fairtrial/fidelity'
import { createFold, foldEvents, summarizeTable, summaryOf } from '@fairtrial/metrics'
import { decide } from '@fairtrial/rollout'
import { evaluate } from '@fairtrial/sequential'
import { assumeState } from '../assumed-state.ts'
import { answer, type Console } from '../console.ts'
import { readDefinition } from '../definition-file.ts'
import { exitCodeOf, type ExitCode } from '../exit-code.ts'
import { readLog } from '../log-directory.ts'
import { readTable } from '../table-file.ts'
import { auditText } from '../text/audit-text.ts'
import { evaluationText } from '../text/evaluation-text.ts'

export interface AnalyzeOptions {
  readonly table?: string
  /** Column of the arm, by name or by the variant's `value`. */
  readonly variant?: string
  readonly unit?: string
  readonly log?: string
  /** Of a log: the phase to read; data of different designs never mix. Default 1. */
  readonly phase?: number
  /** Epoch milliseconds; default now. */
  readonly asOf?: number
  readonly json?: boolean
}

/** `fairtrial analyze`: one look at a unit table or at a log, audited, evaluated, decided. */
export async function analyze(console: Console, file: string, options: AnalyzeOptions): Promise<ExitCode> {
  const experiment = await readDefinition(file)
  const now = options.asOf ?? console.now()
  const { summary, audit, startedAt } =
    options.table === undefined
      ? await readLogDirectory(experiment, options.log!, options.phase ?? 1, now)
      : await readUnits(experiment, options.table, { variant: options.variant!, unit: options.unit }, now)
  const evaluation = evaluate(experiment, summary)
  const state = { ...assumeState(experiment, { now }), startedAt, stageStartedAt: startedAt }
  const decision = decide({ experiment, state, evaluation, audit, now })
  answer(console, options, analysisDocument(evaluation, audit, decision), () =>
    [evaluationText(evaluation, decision), auditText(audit)].join('\n\n'),
  )
  return exitCodeOf(evaluation, audit, decision)
}

function analysisDocument(evaluation: Evaluation, audit: AuditReport, decision: Decision): object {
  const { schema: _, ...evaluated } = evaluation
  return { schema: 'fairtrial.analysis/1', ...evaluated, audit, decision }
}

interface Reading {
  readonly summary: TrialSummary
  readonly audit: AuditReport
  readonly startedAt: number
}

async function readLogDirectory(
  experiment: Experiment,
  directory: string,
  phase: number,
  asOf: number,
): Promise<Reading> {
  const fold = createFold(experiment, { phase })
  const audit = createAudit(experiment)
  let startedAt = asOf
  for await (const { events, unreadable } of readLog(directory)) {
    foldEvents(fold, events)
    foldAudit(audit, events, { unreadableLines: unreadable.count })
    for (const event of events)
      if (event.schema === 'fairtrial.exposure/1') startedAt = Math.min(startedAt, event.exposedAt)
  }
  return { summary: summaryOf(fold, asOf), audit: auditReport(audit, { asOf }), startedAt }
}

/** A table is what a trial has left behind: its plan has run to the end. */
async function readUnits(
  experiment: Experiment,
  file: string,
  columns: { variant: string; unit: string | undefined },
  asOf: number,
): Promise<Reading> {
  const rows: (readonly string[])[] = []
  for await (const row of readTable(file)) rows.push(row)
  const { summary } = summarizeTable(experiment, rows, {
    asOf,
    variantColumn: columns.variant,
    ...(columns.unit !== undefined && { unitColumn: columns.unit }),
  })
  return {
    summary,
    audit: auditTable(experiment, summary),
    startedAt: asOf - durationMs(experiment.hypothesis.horizon),
  }
}

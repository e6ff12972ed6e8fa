import { auditReport, createAudit, foldAudit } from '@fairtrial/fidelity'
import { createFold, foldEvents, summaryOf } from '@fairtrial/metrics'
import type { Experiment, LookKind } from '@fairtrial/protocol'
import { decide } from '@fairtrial/rollout'
import { evaluate } from '@fairtrial/sequential'
import { assumeState } from '../assumed-state.ts'
import { answer, type Console } from '../console.ts'
import { readDefinition } from '../definition-file.ts'
import { type ExitCode, exitCodeOfAnalysis } from '../exit-code.ts'
import { readLog } from '../log-directory.ts'
import { readLookFile, writeLookFile } from '../look-file.ts'
import { auditText } from '../text/audit-text.ts'
import { decisionText } from '../text/decision-text.ts'
import { evaluationText } from '../text/evaluation-text.ts'
import { readUnitTable, type TrialReading } from '../unit-table.ts'

/** Where the data are, and how they are to be read. */
export type AnalyzeOptions = {
  /** Epoch milliseconds; default now. */
  readonly asOf?: number
  readonly json?: boolean
  /** File of the looks so far: read, and written with this one. Without it, this is the first look there is. */
  readonly looks?: string
  /** Why the look is taken. */
  readonly look: LookKind | 'glance'
} & (
  | {
      readonly table: string
      /** Column of the arm, by name or by the variant's `value`. */
      readonly variant: string
      readonly unit?: string
      /** Column of how many units a row stands for. */
      readonly units?: string
      readonly where?: readonly { readonly column: string; readonly equals: string }[]
      /** Columns along which the sample ratio is looked at, and effects are explored. */
      readonly dimension?: readonly string[]
      /** Columns whose balance is looked at. */
      readonly covariate?: readonly string[]
    }
  | {
      readonly log: string
      /** Data of different designs never mix. */
      readonly phase: number
    }
)

/** `fairtrial analyze`: one look at a unit table or at a log, audited, evaluated, decided. */
export async function analyze(console: Console, file: string, options: AnalyzeOptions): Promise<ExitCode> {
  const experiment = await readDefinition(file)
  const now = options.asOf ?? console.now()
  const { summary, audit, startedAt } =
    'table' in options
      ? await readUnitTable(experiment, options.table, {
          variantColumn: options.variant,
          unitColumn: options.unit,
          unitsColumn: options.units,
          where: options.where,
          dimensions: options.dimension,
          covariates: options.covariate,
          asOf: now,
        })
      : await readTrialLog(experiment, options.log, { phase: options.phase, asOf: now })
  const { look, looks } = options
  const ledger = looks === undefined ? undefined : await readLookFile(looks)
  const exploratory = 'table' in options ? (options.dimension ?? []) : []
  const evaluation = evaluate(experiment, summary, { look, exploratory, ...(ledger && { ledger }) })
  if (looks !== undefined) await writeLookFile(looks, evaluation.looks, ledger)
  const state = assumeState(experiment, { now: startedAt, phase: summary.phase })
  const decision = decide({ experiment, state, evaluation, audit, now })
  const document = { ...evaluation, schema: 'fairtrial.analysis/1', audit, decision }
  answer(console, options, document, () =>
    [evaluationText(experiment, evaluation), auditText(audit), decisionText(decision)].join('\n\n'),
  )
  return exitCodeOfAnalysis(evaluation, audit, decision)
}

/** A trial found in a log: one phase of it, begun by its first exposure. */
async function readTrialLog(
  experiment: Experiment,
  directory: string,
  { phase, asOf }: { phase: number; asOf: number },
): Promise<TrialReading> {
  const fold = createFold(experiment, { phase })
  const audit = createAudit(experiment, { phase })
  let startedAt = asOf
  for await (const { events, unreadable } of readLog(directory)) {
    foldEvents(fold, events)
    foldAudit(audit, events, { unreadableLines: unreadable.count })
    for (const event of events) {
      if (event.schema !== 'fairtrial.exposure/1') continue
      if (event.fingerprint === experiment.fingerprint && event.phase === phase)
        startedAt = Math.min(startedAt, event.exposedAt)
    }
  }
  return { summary: summaryOf(fold, asOf), audit: auditReport(audit, { asOf }), startedAt }
}

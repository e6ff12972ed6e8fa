import { auditReport, createAudit, foldAudit } from '@fairtrial/fidelity'
import { createFold, foldEvents, summaryOf } from '@fairtrial/metrics'
import type { AuditReport, Decision, Evaluation, Experiment, LookKind, LookLedger } from '@fairtrial/protocol'
import { decide } from '@fairtrial/rollout'
import { evaluate } from '@fairtrial/sequential'
import { assumeState } from './assumed-state.ts'
import { readLog } from './log-directory.ts'
import { type LogPlace, readPlace, type TopicsPlace } from './log-place.ts'
import { readUnitTable, type TrialReading } from './unit-table.ts'

/** Where the data are, and how they are to be read. */
export type LookOptions = {
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
  | (LogPlace & {
      /** Data of different designs never mix. */
      readonly phase: number
    })
)

/** What can be nailed down: bytes that stay as they are. */
export type LockableOptions = Exclude<LookOptions, TopicsPlace>

/** What a look stands on, besides the data. */
export interface LookSurroundings {
  /** Epoch milliseconds. */
  readonly now: number
  /** The looks before. */
  readonly ledger: LookLedger | undefined
  /** Of a log: bytes by file that are read at most, where it has grown since. */
  readonly until?: { readonly [file: string]: number }
}

/** A look, taken. */
export interface Look {
  readonly evaluation: Evaluation
  readonly audit: AuditReport
  readonly decision: Decision
  /** All three as one document. */
  readonly document: object
  /** How far each file was read, in bytes; of a table, null: to its end. */
  readonly read: { readonly [file: string]: number } | null
}

/** Takes one look at a unit table or at a log: reads it, audits it, evaluates every metric, decides. */
export async function takeLook(
  experiment: Experiment,
  options: LookOptions,
  surroundings: LookSurroundings,
): Promise<Look> {
  const { now, ledger } = surroundings
  const { summary, audit, startedAt, read } =
    'table' in options
      ? { ...(await readTrialTable(experiment, options, now)), read: null }
      : await readTrialLog(experiment, options, surroundings)
  const { look } = options
  const exploratory = 'table' in options ? (options.dimension ?? []) : []
  const evaluation = evaluate(experiment, summary, { look, exploratory, ...(ledger && { ledger }) })
  const state = assumeState(experiment, { now: startedAt, phase: summary.phase })
  const decision = decide({ experiment, state, evaluation, audit, now })
  const document = { ...evaluation, schema: 'fairtrial.analysis/1', audit, decision }
  return { evaluation, audit, decision, document, read }
}

function readTrialTable(
  experiment: Experiment,
  options: Extract<LookOptions, { table: string }>,
  asOf: number,
): Promise<TrialReading> {
  return readUnitTable(experiment, options.table, {
    variantColumn: options.variant,
    unitColumn: options.unit,
    unitsColumn: options.units,
    where: options.where,
    dimensions: options.dimension,
    covariates: options.covariate,
    asOf,
  })
}

/** A trial found in a log: one phase of it, begun by its first exposure. */
async function readTrialLog(
  experiment: Experiment,
  options: LogPlace & { readonly phase: number },
  { now: asOf, until }: LookSurroundings,
): Promise<TrialReading & { readonly read: { readonly [file: string]: number } }> {
  const { phase } = options
  const fold = createFold(experiment, { phase })
  const audit = createAudit(experiment, { phase })
  let startedAt = asOf
  let read: { readonly [file: string]: number } = {}
  for await (const { events, unreadableLines, files } of portionsOf(options, until)) {
    foldEvents(fold, events)
    foldAudit(audit, events, { unreadableLines })
    for (const event of events) {
      if (event.schema !== 'fairtrial.exposure/1') continue
      if (event.fingerprint === experiment.fingerprint && event.phase === phase)
        startedAt = Math.min(startedAt, event.exposedAt)
    }
    read = files
  }
  return { summary: summaryOf(fold, asOf), audit: auditReport(audit, { asOf }), startedAt, read }
}

/** Of topics no files are read: their analysis is not locked. */
async function* portionsOf(place: LogPlace, until: LookSurroundings['until']) {
  if ('log' in place) {
    for await (const { events, unreadable, cursor } of readLog(place.log, until))
      yield { events, unreadableLines: unreadable.count, files: cursor.files }
  } else {
    for await (const portion of readPlace(place)) yield { ...portion, files: {} }
  }
}

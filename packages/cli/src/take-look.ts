import { basename } from 'node:path'
import { auditReport, createAudit, foldAudit } from '@fairtrial/fidelity'
import { createFold, foldEvents, summaryOf } from '@fairtrial/metrics'
import type {
  AuditReport,
  Decision,
  Evaluation,
  Experiment,
  LockedInput,
  LogEvent,
  LookKind,
  LookLedger,
  RemovedNumbers,
  RolloutState,
} from '@fairtrial/protocol'
import { decide } from '@fairtrial/rollout'
import { evaluate } from '@fairtrial/sequential'
import { assumeState } from './assumed-state.ts'
import { readLog } from './log-directory.ts'
import type { LogPlace } from './log-place.ts'
import { readTopics } from './topics-log.ts'
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

/** What a look stands on, besides the data. */
export interface LookSurroundings {
  /** Epoch milliseconds. */
  readonly now: number
  /** The looks before. */
  readonly ledger: LookLedger | undefined
  /** Of a log: what is read of it, where it has grown since. Default: all that is there. */
  readonly inputs?: readonly LockedInput[]
  /**
   * The state that is decided upon, of a phase that has begun when it has. Default: everybody enrolled whom the last stage
   * enrols.
   */
  readonly stateSince?: (since: { readonly now: number; readonly phase: number }) => RolloutState
}

/** How far a log was read: bytes by file, or stretches of partitions. */
type LookRead =
  | { readonly files: { readonly [file: string]: number } }
  | { readonly partitions: readonly LockedInput[] }

/** A look, taken. */
export interface Look {
  readonly evaluation: Evaluation
  readonly audit: AuditReport
  /** What was decided upon. */
  readonly state: RolloutState
  readonly decision: Decision
  /** All three as one document. */
  readonly document: object
  /** Null of a table: it is read to its end. */
  readonly read: LookRead | null
}

/** Takes one look at a unit table or at a log: reads it, audits it, evaluates every metric, decides. */
export async function takeLook(
  experiment: Experiment,
  options: LookOptions,
  surroundings: LookSurroundings,
): Promise<Look> {
  const { now, ledger, stateSince = (since) => assumeState(experiment, since) } = surroundings
  const { summary, audit, startedAt, read } =
    'table' in options
      ? { ...(await readTrialTable(experiment, options, now)), read: null }
      : await readTrialLog(experiment, options, surroundings)
  const { look } = options
  const exploratory = 'table' in options ? (options.dimension ?? []) : []
  const evaluation = evaluate(experiment, summary, { look, exploratory, ...(ledger && { ledger }) })
  const state = stateSince({ now: startedAt, phase: summary.phase })
  const decision = decide({ experiment, state, evaluation, audit, now })
  const document = { ...evaluation, schema: 'fairtrial.analysis/1', audit, decision }
  return { evaluation, audit, state, decision, document, read }
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
  { now: asOf, inputs }: LookSurroundings,
): Promise<TrialReading & { readonly read: LookRead }> {
  const { phase } = options
  const fold = createFold(experiment, { phase })
  const audit = createAudit(experiment, { phase })
  let startedAt = asOf
  let read: LookRead = { files: {} }
  for await (const { read: readSoFar, ...portion } of portionsOf(options, inputs)) {
    const { events } = portion
    foldEvents(fold, events)
    foldAudit(audit, events, portion)
    for (const event of events) {
      if (event.schema !== 'fairtrial.exposure/1') continue
      if (event.fingerprint === experiment.fingerprint && event.phase === phase)
        startedAt = Math.min(startedAt, event.exposedAt)
    }
    read = readSoFar
  }
  return { summary: summaryOf(fold, asOf), audit: auditReport(audit, { asOf }), startedAt, read }
}

interface LookPortion {
  readonly events: readonly LogEvent[]
  readonly unreadableLines: number
  readonly removed?: readonly RemovedNumbers[]
  /** So far. */
  readonly read: LookRead
}

async function* portionsOf(
  place: LogPlace,
  inputs: readonly LockedInput[] | undefined,
): AsyncGenerator<LookPortion> {
  if ('kafka' in place) {
    for await (const { partitions, ...portion } of readTopics(place, { inputs }))
      yield { ...portion, read: { partitions } }
    return
  }
  const until = inputs && Object.fromEntries(inputs.map(({ source, upTo }) => [basename(source), upTo]))
  for await (const { events, unreadable, removed, cursor } of readLog(place.log, until))
    yield { events, unreadableLines: unreadable.count, removed, read: { files: cursor.files } }
}

import { auditTable, profileUnits } from '@fairtrial/fidelity'
import { summarizeTable } from '@fairtrial/metrics'
import {
  type AuditReport,
  type Experiment,
  ExperimentError,
  type SealedMetric,
  type TrialSummary,
} from '@fairtrial/protocol'
import { readTable } from '../table-file.ts'
import { drawHoldout, HOLDOUT_ARMS, type HoldoutArm } from './holdout-arm.ts'
import { type HoldoutTrial, holdoutTrial } from './holdout-trial.ts'

/** Where a holdout's units are. */
export interface HoldoutPlace {
  /** A unit table: a row a unit, a column a metric. */
  readonly table: string
  /** Its column of the unit id that services assigned by. */
  readonly unit: string
  /** Rows that fulfil all of these are read. */
  readonly where?: readonly { readonly column: string; readonly equals: string }[]
  /** Its columns of covariates that were known before the holdout began. Without a name none adjusts anything. */
  readonly covariates?: readonly string[]
}

/** A holdout as it was found in data. */
export interface HoldoutReading extends HoldoutTrial {
  readonly summary: TrialSummary
  readonly audit: AuditReport
  /** Units of the table, as they were drawn: also those that the plan's policies leave out of the summary. */
  readonly drawn: DrawnUnits
}

/** How many units are in each arm, and in neither. */
export type DrawnUnits = { readonly [arm in HoldoutArm | 'outside']: number }

/**
 * The units of a table, each drawn by its id; those of the holdout are summed up by arm.
 *
 * @param asOf epoch milliseconds
 * @throws ExperimentError `invalid-table` for a column that is not there, a unit that stands in two rows or cannot be
 *   drawn, an arm without a unit, and whatever `summarizeTable` refuses
 */
export async function readHoldout(
  experiment: Experiment,
  place: HoldoutPlace,
  asOf: number,
): Promise<HoldoutReading> {
  const { header, rows, variantColumn, drawn } = await drawRows(experiment, place)
  const { covariates = [] } = place
  refuseMissing(covariates, header)
  refuseUnplanned(experiment, covariates)
  const { trial, leftOut } = holdoutTrial(experiment, header, covariates)
  const columns = { variantColumn, unitColumn: place.unit }
  const { summary } = summarizeTable(trial, rows, { ...columns, asOf })
  const audit = auditTable(trial, summary, { profile: profileUnits(trial, rows, columns) })
  // What an audit of any table says it cannot see: here the draw is made anew, and a holdout's own limits are told.
  const findings = audit.findings.filter(({ code }) => code !== 'not-checked')
  return { trial, leftOut, summary, audit: { ...audit, findings }, drawn }
}

interface DrawnRows {
  readonly header: readonly string[]
  /** The header, then every row of the table, so that an error names the right one; empty if of neither arm. */
  readonly rows: readonly (readonly string[])[]
  /** The first column of `rows`, by a name that no other has. */
  readonly variantColumn: string
  readonly drawn: DrawnUnits
}

async function drawRows(
  experiment: Experiment,
  { table, unit, where = [] }: HoldoutPlace,
): Promise<DrawnRows> {
  const draw = drawHoldout(experiment)
  const rows: (readonly string[])[] = []
  const seen = new Set<string>()
  const drawn = { 'status-quo': 0, 'all-shipped': 0, outside: 0 }
  let header: readonly string[] = []
  let variantColumn = 'holdout'
  for await (const cells of readTable(table)) {
    if (rows.length === 0) {
      header = cells
      refuseMissing([unit, ...where.map(({ column }) => column)], header)
      while (header.includes(variantColumn)) variantColumn += '_'
      rows.push([variantColumn, ...header])
      continue
    }
    const cellOf = (column: string) => cells[header.indexOf(column)] ?? ''
    const isRead = where.every(({ column, equals }) => cellOf(column) === equals)
    const arm = isRead ? drawOnce(cellOf(unit)) : 'outside'
    if (isRead) drawn[arm] += 1
    rows.push(arm === 'outside' ? [] : [arm, ...cells])
  }
  for (const arm of HOLDOUT_ARMS) if (drawn[arm] === 0) throw emptyArm(experiment, arm, seen.size, unit)
  return { header, rows, variantColumn, drawn }

  function drawOnce(unitId: string): HoldoutArm | 'outside' {
    const arm = draw(unitId)
    if (arm === 'invalid') throw notDrawn(unit, unitId, rows.length)
    if (seen.has(unitId)) throw drawnTwice(unit, unitId, rows.length)
    seen.add(unitId)
    return arm
  }
}

function refuseUnplanned({ metrics, dimensions = {} }: Experiment, covariates: readonly string[]): void {
  const ofMetrics = Object.values<SealedMetric>(metrics).flatMap((metric) => metric.covariates ?? [])
  const strata = Object.values(dimensions).filter(({ stratify }) => stratify === true)
  const planned = [...ofMetrics, ...strata].flatMap(({ column }) => column ?? [])
  const wrong = covariates.find((column) => !planned.includes(column))
  if (wrong === undefined) return
  throw new ExperimentError(
    'invalid-argument',
    `Column ${JSON.stringify(wrong)} is no covariate of the plan.`,
    planned.length === 0
      ? 'The plan has no covariate that a table tells.'
      : `Give one of ${planned.map((column) => JSON.stringify(column)).join(', ')}.`,
  )
}

function refuseMissing(columns: readonly string[], header: readonly string[]): void {
  const missing = columns.filter((column) => !header.includes(column))
  if (missing.length === 0) return
  const quoted = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(', ')
  throw new ExperimentError(
    'invalid-table',
    `The table has no column ${quoted(missing)}; it has ${quoted(header)}.`,
    'Name the columns of --unit and --where as the table does.',
  )
}

function notDrawn(column: string, unitId: string, row: number): ExperimentError {
  const what =
    unitId === '' ? 'is empty' : `holds ${JSON.stringify(unitId.slice(0, 40))}, which is no unit id`
  return new ExperimentError(
    'invalid-table',
    `Row ${row} has no unit: column ${JSON.stringify(column)} ${what}.`,
    'Give each row the id that services assign its unit by; its arm of the holdout is drawn from that alone.',
  )
}

function drawnTwice(column: string, unitId: string, row: number): ExperimentError {
  return new ExperimentError(
    'invalid-table',
    `Row ${row} is of unit ${JSON.stringify(unitId.slice(0, 40))}, which has a row before: column ${JSON.stringify(column)} names it twice.`,
    'Bring each unit together in one row, over the whole stretch that is looked at; or read one stretch with --where.',
  )
}

function emptyArm({ holdout }: Experiment, arm: string, units: number, column: string): ExperimentError {
  return new ExperimentError(
    'invalid-table',
    `No unit of the table is in ${arm} of the holdout ${JSON.stringify(holdout?.name)}, which keeps ${holdout?.percent} % of units in each arm; the table has ${units}.`,
    `See that column ${JSON.stringify(column)} holds the very ids that services assign by, and that the table has enough of them.`,
  )
}

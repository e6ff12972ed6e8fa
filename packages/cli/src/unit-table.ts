import { auditTable, profileUnits } from '@fairtrial/fidelity'
import { summarizeTable, type TableOptions } from '@fairtrial/metrics'
import {
  type AuditReport,
  durationMs,
  type Experiment,
  ExperimentError,
  type TrialSummary,
} from '@fairtrial/protocol'
import { readTable } from './table-file.ts'

/** A trial as it was found in data. */
export interface TrialReading {
  readonly summary: TrialSummary
  readonly audit: AuditReport
  /** Epoch milliseconds. */
  readonly startedAt: number
}

/** How a unit table is read. */
export interface UnitTableOptions {
  readonly variantColumn: string
  readonly unitColumn?: string | undefined
  /** Says how many units a row stands for. Nobody can tell then who they are. */
  readonly unitsColumn?: string | undefined
  /** Rows that fulfil all of these are read. */
  readonly where?: NonNullable<TableOptions['where']> | undefined
  /** Columns along which the sample ratio is looked at, and effects are explored, beside those of the plan. */
  readonly dimensions?: readonly string[] | undefined
  /** Columns whose balance is looked at, beside those of the plan. */
  readonly covariates?: readonly string[] | undefined
  /** Epoch milliseconds. */
  readonly asOf: number
}

/** A trial found in a unit table. A table is what a trial has left behind: its plan has run to the end. */
export async function readUnitTable(
  experiment: Experiment,
  file: string,
  options: UnitTableOptions,
): Promise<TrialReading> {
  const {
    variantColumn,
    unitColumn,
    unitsColumn,
    where = [],
    dimensions = [],
    covariates = [],
    asOf,
  } = options
  const columns = { variantColumn, ...(unitColumn !== undefined && { unitColumn }) }
  const ofUnits = unitsColumn === undefined ? {} : { unitsColumn }
  const rows = await readColumns(
    file,
    new Set([
      ...Object.values({ ...columns, ...ofUnits }),
      ...where.map(({ column }) => column),
      ...plannedColumns(experiment),
      ...dimensions,
      ...covariates,
    ]),
  )
  const { summary, unknownVariants } = summarizeTable(explored(experiment, dimensions), rows, {
    asOf,
    where,
    ...columns,
    ...ofUnits,
  })
  const units = Object.values(summary.units).reduce((sum, n) => sum + n, 0)
  if (units === 0 && unknownVariants.length > 0)
    throw withoutVariants(experiment, variantColumn, unknownVariants)
  const audited =
    unitsColumn === undefined
      ? { profile: profileUnits(experiment, rowsWhere(rows, where), { ...columns, dimensions, covariates }) }
      : {}
  return {
    summary,
    audit: auditTable(experiment, summary, { unknownVariants, ...audited }),
    startedAt: asOf - durationMs(experiment.hypothesis.horizon),
  }
}

/** The trial with dimensions that its plan does not have. Its seal is the plan's: effects along them are exploratory. */
function explored(experiment: Experiment, columns: readonly string[]): Experiment {
  if (columns.length === 0) return experiment
  const added = columns.map((column) => [column, { column, known: 'before-exposure', maximumSegments: 10 }])
  return { ...experiment, dimensions: { ...Object.fromEntries(added), ...experiment.dimensions } }
}

/** Columns that the definition names. */
function plannedColumns({ metrics, dimensions = {}, cluster }: Experiment): readonly string[] {
  const ofMetrics = Object.values(metrics).flatMap(({ column, denominator, covariates = [] }) => [
    column,
    denominator && (denominator.column ?? denominator.event),
    ...covariates.map((covariate) => covariate.column),
  ])
  const ofDimensions = Object.values(dimensions).map(({ column }) => column)
  return [...ofMetrics, ...ofDimensions, cluster?.attribute].filter((column) => column !== undefined)
}

/** The header and all rows, cut to the columns that are wanted; whole where one is missing, for whoever refuses it. */
async function readColumns(
  file: string,
  wanted: ReadonlySet<string>,
): Promise<readonly (readonly string[])[]> {
  const rows: (readonly string[])[] = []
  let places: readonly number[] | undefined
  for await (const row of readTable(file)) {
    if (places === undefined) {
      places = [...wanted].map((column) => row.indexOf(column))
      if (places.includes(-1)) places = row.map((_, place) => place)
    }
    rows.push(places.map((place) => row[place] ?? ''))
  }
  return rows
}

/** The header, and the rows that fulfil all conditions. */
function rowsWhere(
  rows: readonly (readonly string[])[],
  where: NonNullable<TableOptions['where']>,
): readonly (readonly string[])[] {
  const [header = []] = rows
  const conditions = where.map(({ column, equals }) => ({ place: header.indexOf(column), equals }))
  return rows.filter((row, i) => i === 0 || conditions.every(({ place, equals }) => row[place] === equals))
}

function withoutVariants(
  { variants }: Experiment,
  column: string,
  unknown: readonly { readonly text: string }[],
): ExperimentError {
  const found = unknown.slice(0, 4).map(({ text }) => JSON.stringify(text.slice(0, 40)))
  const known = variants.map(({ name, value }) => JSON.stringify(value ?? name))
  return new ExperimentError(
    'invalid-table',
    `No row is of a variant: column ${JSON.stringify(column)} holds ${found.join(', ')}${unknown.length > 4 ? ', …' : ''}, and the variants are ${known.join(', ')}.`,
    "Give the column of the arm with --variant, or the text that stands in it as the variant's `value`.",
  )
}

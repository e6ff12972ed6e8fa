import { auditTable } from '@fairtrial/fidelity'
import { summarizeTable } from '@fairtrial/metrics'
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

/** A trial found in a unit table. A table is what a trial has left behind: its plan has run to the end. */
export async function readUnitTable(
  experiment: Experiment,
  file: string,
  options: { variantColumn: string; unitColumn?: string | undefined; asOf: number },
): Promise<TrialReading> {
  const { variantColumn, unitColumn, asOf } = options
  const metricColumns = Object.values(experiment.metrics).map(({ column }) => column)
  const wanted = new Set([variantColumn, ...metricColumns, ...(unitColumn === undefined ? [] : [unitColumn])])
  const rows = await readColumns(file, wanted)
  const { summary, unknownVariants } = summarizeTable(experiment, rows, {
    asOf,
    variantColumn,
    ...(unitColumn !== undefined && { unitColumn }),
  })
  const units = Object.values(summary.units).reduce((sum, n) => sum + n, 0)
  if (units === 0 && unknownVariants.length > 0)
    throw withoutVariants(experiment, variantColumn, unknownVariants)
  const unitPlace = unitColumn === undefined ? -1 : (rows[0]?.indexOf(unitColumn) ?? -1)
  const unitIds = unitPlace < 0 ? [] : rows.slice(1).map((row) => row[unitPlace] ?? '')
  return {
    summary,
    audit: auditTable(experiment, summary, { unknownVariants, unitIds }),
    startedAt: asOf - durationMs(experiment.hypothesis.horizon),
  }
}

/** The header and all rows, cut to the columns that are wanted; of a header that lacks one, the header alone. */
async function readColumns(
  file: string,
  wanted: ReadonlySet<string>,
): Promise<readonly (readonly string[])[]> {
  const rows: (readonly string[])[] = []
  let places: readonly number[] | undefined
  for await (const row of readTable(file)) {
    if (places === undefined) {
      places = [...wanted].map((column) => row.indexOf(column))
      if (places.includes(-1)) return [row]
    }
    rows.push(places.map((place) => row[place] ?? ''))
  }
  return rows
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

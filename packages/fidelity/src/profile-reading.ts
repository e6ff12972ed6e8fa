import { ExperimentError } from '@fairtrial/protocol'
import type { Experiment } from '@fairtrial/protocol'
import { accumulate, createAccumulator } from '@fairtrial/statistics'
import type { MomentsAccumulator } from '@fairtrial/statistics'
import type { ProfileOptions } from './unit-profile.ts'

/** What is read of a row, and where it goes. */
export interface Reading {
  readonly variantAt: number
  readonly unitAt: number | undefined
  readonly dimensions: readonly {
    readonly dimension: string
    readonly maximumSegments: number
    readonly at: number
    readonly segments: Map<string, number[]>
  }[]
  readonly covariates: readonly {
    readonly covariate: string
    readonly at: number
    readonly arms: readonly { readonly values: MomentsAccumulator; missing: number }[]
  }[]
}

/** As of a dimension of the plan, by default. */
const MAXIMUM_SEGMENTS = 10

/** What the plan names is read where it is there; what was asked for must be there. */
export function createReading(
  experiment: Experiment,
  header: readonly string[],
  { variantColumn, unitColumn, dimensions = [], covariates = [] }: ProfileOptions,
): Reading {
  const unit = unitColumn === undefined ? [] : [unitColumn]
  refuseMissing([variantColumn, ...unit, ...dimensions, ...covariates], header)
  const planned = Object.entries(experiment.dimensions ?? {})
    .filter(([, { known, column }]) => known === 'before-exposure' && header.includes(column))
    .map(([dimension, { column, maximumSegments }]) => ({ dimension, column, maximumSegments }))
  const asked = unique(dimensions)
    .filter((column) => planned.every((each) => each.column !== column))
    .map((column) => ({ dimension: column, column, maximumSegments: MAXIMUM_SEGMENTS }))
  const plannedCovariates = Object.values(experiment.metrics)
    .flatMap((metric) => metric.covariates ?? [])
    .flatMap(({ column }) => (column !== undefined && header.includes(column) ? [column] : []))
  return {
    variantAt: header.indexOf(variantColumn),
    unitAt: unitColumn === undefined ? undefined : header.indexOf(unitColumn),
    dimensions: [...planned, ...asked].map(({ column, ...dimension }) => ({
      ...dimension,
      at: header.indexOf(column),
      segments: new Map(),
    })),
    covariates: unique([...plannedCovariates, ...covariates]).map((column) => ({
      covariate: column,
      at: header.indexOf(column),
      arms: experiment.variants.map(() => ({ values: createAccumulator(), missing: 0 })),
    })),
  }
}

/** Counts a unit in, in place. */
export function countUnit(
  { dimensions, covariates }: Reading,
  arm: number,
  cells: readonly string[],
  row: number,
): void {
  for (const { at, segments } of dimensions) {
    const text = cells[at] ?? ''
    let counts = segments.get(text)
    if (counts === undefined) segments.set(text, (counts = []))
    counts[arm] = (counts[arm] ?? 0) + 1
  }
  for (const { covariate, at, arms } of covariates) {
    const value = parseNumber(cells[at] ?? '', covariate, row)
    const known = arms[arm]
    if (known === undefined) continue
    if (Number.isFinite(value)) accumulate(known.values, value)
    else known.missing += 1
  }
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)]

function refuseMissing(columns: readonly string[], header: readonly string[]): void {
  const missing = columns.filter((column) => !header.includes(column))
  if (missing.length === 0) return
  throw new ExperimentError(
    'invalid-table',
    `The table has no column ${quoted(missing)}; it has ${quoted(header)}.`,
    'Name the columns as the table does.',
  )
}

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ')

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/
const NON_FINITE = /^[+-]?(?:nan|inf|infinity)$/

/** @returns not a finite number where the value is missing or says so itself */
function parseNumber(text: string, column: string, row: number): number {
  const trimmed = text.trim().toLowerCase()
  if (trimmed === 'true') return 1
  if (trimmed === 'false') return 0
  if (trimmed === '' || NON_FINITE.test(trimmed)) return Number.NaN
  if (NUMBER.test(trimmed)) return Number(trimmed)
  throw new ExperimentError(
    'invalid-table',
    `Row ${row}, column ${JSON.stringify(column)}: ${JSON.stringify(text)} is no number, as a covariate must be.`,
    'Write a plain number such as 3 or 0.25, true or false, or leave the cell empty where the value is missing. Look at texts as a dimension.',
  )
}

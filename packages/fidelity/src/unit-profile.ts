import type { Experiment } from '@fairtrial/protocol'
import { accumulatedMoments } from '@fairtrial/statistics'
import type { Moments } from '@fairtrial/statistics'
import { countUnit, createReading } from './profile-reading.ts'
import type { Reading } from './profile-reading.ts'

/** Which columns of a unit table are looked at, beside those that the plan names for this. */
export interface ProfileOptions {
  /** The column that says which arm a unit is in, by the variant's `value` or its name. */
  readonly variantColumn: string
  /** The column that names the unit. Without it, each row is a unit of its own. */
  readonly unitColumn?: string
  /** Columns that part the units: browser, country, week of entry. */
  readonly dimensions?: readonly string[]
  /** Columns of numbers, or of true and false, that were known before the exposure. */
  readonly covariates?: readonly string[]
}

/** Who the units of a table are, with no outcome in sight. */
export interface UnitProfile {
  /** Empty where rows are anonymous. */
  readonly unitIds: readonly string[]
  readonly dimensions: readonly DimensionProfile[]
  readonly covariates: readonly CovariateProfile[]
}

/** Units by what stands in a column. */
export interface DimensionProfile {
  readonly dimension: string
  /** So many segments, the largest, are looked at by themselves. */
  readonly maximumSegments: number
  /** Units in the order of the definition's variants, by text. */
  readonly segments: ReadonlyMap<string, readonly number[]>
}

/** A covariate's values, in the order of the definition's variants. */
export interface CovariateProfile {
  readonly covariate: string
  readonly arms: readonly { readonly moments: Moments; readonly missing: number }[]
}

/**
 * Reads who the units of a table are: along the plan's dimensions that are known before the exposure, by the covariates
 * of its metrics, and by the columns asked for. A unit counts where a summary counts it: once, with its first row, and
 * not at all where it stands in two arms, but by the policy `first`. Rows of no variant are passed over.
 *
 * @param rows the header, then a row a unit
 * @throws ExperimentError `invalid-table` for a column that was asked for and is not there, or a covariate that is no
 *   number: it names row, column and text. Rows are numbered from 1, the header not counted.
 */
export function profileUnits(
  experiment: Experiment,
  rows: Iterable<readonly string[]>,
  options: ProfileOptions,
): UnitProfile {
  const armOfText = new Map(experiment.variants.map(({ name }, arm) => [name, arm]))
  experiment.variants.forEach(({ value }, arm) => value !== undefined && armOfText.set(value, arm))
  const units = new Map<
    string,
    { arm: number; cells: readonly string[]; row: number; isInTwoArms: boolean }
  >()
  let reading: Reading | undefined
  let row = 0
  for (const cells of rows) {
    if (reading === undefined) {
      reading = createReading(experiment, cells, options)
      continue
    }
    row += 1
    const arm = armOfText.get(cells[reading.variantAt] ?? '')
    if (arm === undefined) continue
    if (reading.unitAt === undefined) {
      countUnit(reading, arm, cells, row)
      continue
    }
    const unitId = cells[reading.unitAt] ?? ''
    const known = units.get(unitId)
    if (known === undefined) units.set(unitId, { arm, cells, row, isInTwoArms: false })
    else if (known.arm !== arm) known.isInTwoArms = true
  }
  if (reading === undefined) return { unitIds: [], dimensions: [], covariates: [] }
  for (const { arm, cells, row, isInTwoArms } of units.values()) {
    if (!isInTwoArms || experiment.analysis.crossover === 'first') countUnit(reading, arm, cells, row)
  }
  return {
    unitIds: [...units.keys()],
    dimensions: reading.dimensions.map(({ dimension, maximumSegments, segments }) => ({
      dimension,
      maximumSegments,
      segments,
    })),
    covariates: reading.covariates.map(({ covariate, arms }) => ({
      covariate,
      arms: arms.map(({ values, missing }) => ({ moments: accumulatedMoments(values), missing })),
    })),
  }
}

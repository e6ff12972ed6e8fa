import { tableValues } from '@fairtrial/metrics'
import { type Experiment, ExperimentError, type SealedMetric } from '@fairtrial/protocol'
import { readTable } from '../table-file.ts'

/** Real units to draw from, with replacement: control's, for nothing has been done to them. */
export interface Population {
  readonly units: number
  /** By metric, unit by unit; null where a unit has none. Of a ratio, linearised. */
  readonly values: { readonly [metric: string]: readonly (number | null)[] }
}

/** Control's units of a table. */
export async function readPopulation(
  experiment: Experiment,
  file: string,
  { variantColumn, unitColumn }: { readonly variantColumn: string; readonly unitColumn?: string | undefined },
): Promise<Population> {
  const rows: (readonly string[])[] = []
  for await (const row of readTable(file)) rows.push(row)
  const units = tableValues(experiment, experiment.control, rows, {
    variantColumn,
    ...(unitColumn !== undefined && { unitColumn }),
  })
  if (units.length === 0) {
    throw new ExperimentError(
      'invalid-table',
      `${file} has no unit of ${experiment.control}: there is nobody to draw from.`,
      "Give the column of the arm with --variant, and the text that stands in it as the variant's `value`.",
    )
  }
  return {
    units: units.length,
    values: Object.fromEntries(
      Object.keys(experiment.metrics).map((metric) => [
        metric,
        linearised(units.map((unit) => unit[metric]!)),
      ]),
    ),
  }
}

/** A ratio as the mean that it is to first order: r + (numerator − r · denominator) / mean denominator. */
function linearised(
  pairs: readonly (readonly [value: number, denominator: number] | null)[],
): readonly (number | null)[] {
  const known = pairs.filter((pair) => pair !== null)
  const below = known.reduce((sum, [, denominator]) => sum + denominator, 0)
  if (known.every(([, denominator]) => denominator === 1)) return pairs.map((pair) => pair?.[0] ?? null)
  const ratio = known.reduce((sum, [value]) => sum + value, 0) / below
  const unit = below / known.length
  return pairs.map((pair) => (pair === null ? null : ratio + (pair[0] - ratio * pair[1]) / unit))
}

/** The trial with what its population shows in place of its baselines. */
export function withBaselines(experiment: Experiment, { values }: Population): Experiment {
  const metrics = Object.entries<SealedMetric>(experiment.metrics).map(([name, metric]) => {
    const known = (values[name] ?? []).filter((value) => value !== null)
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length
    const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    const baseline = { mean, variance: squares / Math.max(1, known.length - 1), units: known.length }
    return [name, known.length === 0 ? metric : { ...metric, baseline }]
  })
  return { ...experiment, metrics: Object.fromEntries(metrics) }
}

import type { Experiment } from '@fairtrial/protocol'
import { isCounted } from './observation.ts'
import { readUnits } from './read-units.ts'
import type { TableOptions } from './summarize-table.ts'
import type { TableRow } from './table-row.ts'

/** A unit's number in a metric; of a ratio, what stands above the line and below. Null where it has none. */
export type UnitNumbers = { readonly [metric: string]: readonly [value: number, denominator: number] | null }

/**
 * The units of one arm of a table, number by number: what can be drawn from again. Caps hold; which units count is
 * settled as in `summarizeTable`.
 *
 * @throws ExperimentError `invalid-table` as `summarizeTable` does
 */
export function tableValues(
  experiment: Experiment,
  variant: string,
  rows: Iterable<TableRow>,
  options: Omit<TableOptions, 'unitsColumn' | 'asOf' | 'phase'>,
): readonly UnitNumbers[] {
  const arm = experiment.variants.findIndex(({ name }) => name === variant)
  const { readings, units } = readUnits(experiment, rows, options)
  return units
    .filter((unit) => unit.arm === arm)
    .map(({ observations }) =>
      Object.fromEntries(
        readings.map(({ metric }, r) => {
          const observation = observations[r]!
          return [
            metric,
            isCounted(observation) ? [observation.number.value, observation.number.denominator] : null,
          ]
        }),
      ),
    )
}

import type { Experiment, MetricSummary } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import type { TableUnit } from './row-reader.ts'

/**
 * A proportion in one arm, of rows of many units each: the moments of as many ones and zeros, exactly. Rows without a
 * value do not count, and their units are missing.
 */
export function summaryOfRates(rows: readonly TableUnit[], reading: number): MetricSummary {
  let n = 0
  let successes = 0
  let missing = 0
  for (const { units, observations } of rows) {
    const { number } = observations[reading]!
    if (number === undefined) missing += units
    else {
      n += units
      successes += number.value
    }
  }
  const moments =
    n === 0 ? { n, mean: 0, m2: 0 } : { n, mean: successes / n, m2: successes * ((n - successes) / n) }
  return { closed: moments, current: moments, missing }
}

/**
 * Refuses what rows of many units do not tell.
 *
 * @throws ExperimentError `invalid-table`
 */
export function refuseUntold({ metrics, cluster }: Experiment, unitColumn: string | undefined): void {
  if (unitColumn !== undefined)
    throw untold(`which units they are, for which column ${JSON.stringify(unitColumn)} was named`)
  for (const [name, { type, covariates }] of Object.entries(metrics)) {
    if (type !== 'proportion')
      throw untold(`the spread of a ${type}, which metric ${JSON.stringify(name)} is`)
    if (covariates) throw untold(`each unit's covariates, which metric ${JSON.stringify(name)} has`)
  }
  if (cluster) throw untold("each unit's cluster, by which the trial was assigned")
}

function untold(what: string): ExperimentError {
  return new ExperimentError(
    'invalid-table',
    `Rows that stand for many units do not tell ${what}.`,
    'Analyse a table with a row a unit; or keep to proportions, whose spread follows from their counts.',
  )
}

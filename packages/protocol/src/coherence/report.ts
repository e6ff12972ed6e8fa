import type { ExperimentDefinition } from '../experiment.ts'
import type { MetricRole } from '../metric.ts'
import { nearest } from '../nearest.ts'
import type { Partially } from '../partial.ts'
import { show } from '../show.ts'

/** A definition without what its schema refused. */
export type Parts = Partially<ExperimentDefinition>
export type MetricParts = NonNullable<NonNullable<Parts['metrics']>[string]>
export type AnalysisParts = NonNullable<Parts['analysis']>

/** Takes a problem. */
export type Report = (path: string, value: unknown, message: string, remedy: string) => void

/** Reports a name that is none of those known. */
export function refer(
  path: string,
  name: string | undefined,
  known: readonly string[],
  what: string,
  report: Report,
): void {
  if (name === undefined || known.includes(name)) return
  const meant = nearest(name, known)
  const list = known.length === 0 ? 'There is none yet.' : `There are ${known.join(', ')}.`
  report(path, name, `${show(name)} is not ${what}.`, meant ? `Did you mean ${meant}?` : list)
}

export function namesOf(metrics: NonNullable<Parts['metrics']>, role: MetricRole): string[] {
  return Object.keys(metrics).filter((name) => metrics[name]?.role === role)
}

/** Never a name of Object.prototype. */
export function own<T>(record: { readonly [name: string]: T }, name: string | undefined): T | undefined {
  return name !== undefined && Object.hasOwn(record, name) ? record[name] : undefined
}

export function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined)
}

import type { ExperimentError, Problem, RolloutState } from '@fairtrial/protocol'
import type { PlacedProblem } from './definition-problem.ts'

/** A problem as a document tells it: its value only where it is a scalar, for a module's may be anything. */
export interface ToldProblem {
  readonly path: string
  readonly line?: number
  readonly column?: number
  readonly value?: string | number | boolean | null
  readonly message: string
  readonly remedy: string
}

/** What `--json` prints where there is no answer. */
export interface ErrorDocument {
  readonly schema: 'fairtrial.error/1'
  readonly code: string
  readonly message: string
  readonly remedy: string
  readonly problems: readonly ToldProblem[]
  /** Of a refused order: the state that stands in the way. */
  readonly state?: RolloutState
}

/** An error as a document. */
export function errorDocument(
  error: Pick<ExperimentError, 'message' | 'remedy' | 'problems' | 'cause'> & { readonly code: string },
): ErrorDocument {
  const { code, message, remedy, cause } = error
  const { state } = (cause ?? {}) as { readonly state?: RolloutState }
  return {
    schema: 'fairtrial.error/1',
    code,
    message: message.trim(),
    remedy,
    problems: toldProblems(error),
    ...(code === 'refused' && state && { state }),
  }
}

/** Every problem of an error. */
export function toldProblems({ problems }: Pick<ExperimentError, 'problems'>): readonly ToldProblem[] {
  return problems.map(({ path, line, column, value, message, remedy }: PlacedProblem) => ({
    path,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(isScalar(value) && { value }),
    message,
    remedy,
  }))
}

function isScalar(value: Problem['value']): value is string | number | boolean | null {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

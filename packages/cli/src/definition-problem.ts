import { ExperimentError, type Problem } from '@fairtrial/protocol'

/** Where in a file, both counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A problem, and where the file has it; a module has no places. */
export type PlacedProblem = Problem & Partial<Place>

/** Of a file that cannot be taken for a definition at all. */
export function unreadable(
  file: string,
  what: string,
  remedy: string,
  options: { place?: Place; cause?: unknown } = {},
): ExperimentError {
  const { place, cause } = options
  const problem: PlacedProblem = { path: '', value: undefined, message: what, remedy, ...place }
  return new ExperimentError('unreadable-definition', `${told(file, place)} ${what}`, remedy, {
    cause,
    problems: [problem],
  })
}

/** What `defineExperiment` refused, told with the file and, where there are lines, with each problem's place. */
export function misdefined(
  file: string,
  error: ExperimentError,
  placeOf: (path: string) => Place | undefined = () => undefined,
): ExperimentError {
  const { code, remedy } = error
  if (error.problems.length === 0) {
    const message = error.message.slice(0, -remedy.length).trim()
    const problem: PlacedProblem = { path: '', value: undefined, message, remedy, ...placeOf('') }
    return new ExperimentError(code, `${told(file, placeOf(''))}: ${message}`, remedy, {
      cause: error,
      problems: [problem],
    })
  }
  const problems = error.problems.map((problem): PlacedProblem => ({ ...problem, ...placeOf(problem.path) }))
  const [headline] = error.message.split('\n', 1)
  const lines = problems.map((problem) => `\n  ${problemText(file, problem)}`)
  return new ExperimentError(code, `${file}: ${headline}${lines.join('')}\n`, remedy, {
    cause: error,
    problems,
  })
}

/** `FILE:LINE:COLUMN guardrails[0].metric: what is wrong, and what to do.` */
function problemText(file: string, { path, message, remedy, line, column }: PlacedProblem): string {
  const where = line === undefined || column === undefined ? '' : `${told(file, { line, column })} `
  return `${where}${path || 'definition'}: ${message} ${remedy}`
}

function told(file: string, place: Place | undefined): string {
  return place === undefined ? file : `${file}:${place.line}:${place.column}`
}

/**
 * Whether something thrown is a refusal of fairtrial's, also where the module that threw it brought its own copy
 * of the class.
 */
export function isExperimentError(error: unknown): error is ExperimentError {
  return error instanceof Error && error.name === 'ExperimentError' && 'problems' in error
}

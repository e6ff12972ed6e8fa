/** Everything that fairtrial can refuse, by what is to blame. */
export type ExperimentErrorCode =
  | 'invalid-definition'
  | 'unreadable-definition'
  | 'definition-changed'
  | 'unsupported-version'
  | 'invalid-state'
  | 'revision-conflict'
  | 'invalid-event'
  | 'invalid-argument'
  | 'invalid-table'
  | 'unreachable'
  | 'refused'
  | 'io'

/** The one error class. The message says what happened and why; `remedy` says what to do. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError'
  readonly code: ExperimentErrorCode
  readonly remedy: string

  constructor(code: ExperimentErrorCode, message: string, remedy: string, options?: { cause?: unknown }) {
    super(`${message} ${remedy}`, options)
    this.code = code
    this.remedy = remedy
  }
}

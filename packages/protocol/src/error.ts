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
  | 'misconfigured'
  | 'too-large'
  | 'refused'
  | 'io'

/** One thing that is wrong in data, and what to do about it. */
export interface Problem {
  /** Where: `guardrails[0].metric`; empty for the whole. */
  readonly path: string
  /** What stands there; undefined where nothing does. */
  readonly value: unknown
  readonly message: string
  readonly remedy: string
}

/** The one error class. The message says what happened and why; `remedy` says what to do. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError'
  readonly code: ExperimentErrorCode
  readonly remedy: string
  /** Every single thing that is wrong, where more than one can be: all of them are in the message too. */
  readonly problems: readonly Problem[]

  constructor(
    code: ExperimentErrorCode,
    message: string,
    remedy: string,
    options?: { cause?: unknown; problems?: readonly Problem[] },
  ) {
    super(`${message}${message.endsWith('\n') ? '' : ' '}${remedy}`, options)
    this.code = code
    this.remedy = remedy
    this.problems = options?.problems ?? []
  }
}

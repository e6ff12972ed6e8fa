import type { ExperimentError, RolloutState } from '@fairtrial/protocol'

/** What a refusal says beside what is wrong. */
export interface RefusalAdvice {
  readonly remedy: string
  /** The state that stands in the way. */
  readonly state?: RolloutState
  /** Of the answer; not in its body. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown inside a route to answer with a refusal: an HTTP status, and `{ code, detail, remedy }` as the body. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly advice: RefusalAdvice

  constructor(status: number, code: string, detail: string, advice: RefusalAdvice) {
    super(detail)
    this.status = status
    this.code = code
    this.advice = advice
  }
}

/** What an error says is wrong, without what to do: an answer has that in a field of its own. */
export function detailOf({ message, remedy }: ExperimentError): string {
  return message.endsWith(` ${remedy}`) ? message.slice(0, -remedy.length - 1) : message
}

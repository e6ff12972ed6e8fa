import { ExperimentError, type RolloutState } from '@fairtrial/protocol'
import { detailOf, Refused } from './refused.ts'

/** What is answered instead. */
export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: {
    readonly code: string
    readonly detail: string
    readonly remedy: string
    readonly state?: RolloutState
  }
}

/** What to answer where something was thrown. What nobody foresaw is not shown: it may hold what is not for everyone. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) {
    const { headers = {}, ...advice } = error.advice
    return { status: error.status, headers, body: { code: error.code, detail: error.message, ...advice } }
  }
  if (error instanceof ExperimentError) {
    const { code, remedy } = error
    return { status: statusOf(code), headers: {}, body: { code, detail: detailOf(error), remedy } }
  }
  const body = { code: 'internal', detail: 'Something failed here.', remedy: 'See the log.' }
  return { status: 500, headers: {}, body }
}

function statusOf(code: ExperimentError['code']): number {
  if (code === 'revision-conflict' || code === 'refused') return 409
  return code === 'invalid-argument' ? 400 : 503
}

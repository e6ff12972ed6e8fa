import type { JsonObject, ReadinessCheck, ReadinessCheckName } from '@fairtrial/protocol'

/** One thing that stands in the way of a start, and what to do about it. */
export interface Obstacle {
  readonly detail: string
  readonly remedy: string
}

/** What one check has seen. */
export interface Seen {
  /** Empty: it has passed. */
  readonly obstacles: readonly Obstacle[]
  /** What was seen, where nothing stands in the way. */
  readonly detail: string
  readonly evidence: JsonObject
}

/** What was not looked at has not passed. */
export function unseen(detail: string, remedy: string): Seen {
  return { obstacles: [{ detail, remedy }], detail: '', evidence: {} }
}

export function checkOf(check: ReadinessCheckName, { obstacles, detail, evidence }: Seen): ReadinessCheck {
  const passed = obstacles.length === 0
  const remedies = [...new Set(obstacles.map(({ remedy }) => remedy))]
  return {
    check,
    passed,
    detail: cut(passed ? detail : obstacles.map((obstacle) => obstacle.detail).join(' ')),
    remedy: cut(remedies.join(' ')),
    evidence,
  }
}

/** A report holds no longer texts. */
const LONGEST = 2_000

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`
}

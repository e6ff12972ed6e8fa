import type { PlaneNotice, Tell } from '../notice.ts'
import { Refused } from '../refused.ts'
import type { Asked } from '../route.ts'
import { type EventStream, eventText, openEvents } from './event-stream.ts'

const MAXIMUM_READERS = 500
const BEAT_MS = 15_000

/** Of one experiment at most one change in so long: people read no faster. */
const REST_MS = 1_000

/** Tells people that there is something to look at. */
export interface ChangeStream {
  open(asked: Asked): void
  readonly take: Tell
  readers(): number
  close(): void
}

export function createChangeStream(): ChangeStream {
  const readers = new Set<EventStream>()
  const resting = new Map<string, { timer: NodeJS.Timeout; next: string | null }>()
  const lastReasons = new Map<string, string>()
  const beat = setInterval(() => send(eventText('beat', {})), BEAT_MS)

  function send(text: string): void {
    for (const reader of readers) {
      if (reader.isOpen) reader.send(text)
      else readers.delete(reader)
    }
  }

  /** The first at once, what follows when the rest is over: the last word is always told. */
  function tellSoon(key: string, text: string): void {
    const rest = resting.get(key)
    if (rest !== undefined) {
      rest.next = text
      return
    }
    send(text)
    const timer = setTimeout(() => {
      const { next = null } = resting.get(key) ?? {}
      resting.delete(key)
      if (next !== null) tellSoon(key, next)
    }, REST_MS)
    resting.set(key, { timer, next: null })
  }

  /** A turn of the loop that read nothing and thinks what it thought is no change. */
  function isNews(notice: PlaneNotice): boolean {
    if (notice.kind !== 'tick') return notice.kind !== 'order-refused'
    const { key } = notice.experiment
    const { decision, error, eventsRead, leader } = notice.result
    const reasons = JSON.stringify([decision?.action, decision?.rule, error?.message, leader])
    const isOther = lastReasons.get(key) !== reasons
    lastReasons.set(key, reasons)
    return isOther || eventsRead > 0
  }

  return {
    open(asked) {
      if (readers.size >= MAXIMUM_READERS) {
        throw new Refused(503, 'too-many-streams', `${MAXIMUM_READERS} people are looking already.`, {
          remedy: 'Look again later.',
        })
      }
      const reader = openEvents(asked)
      reader.send(eventText('beat', {}))
      readers.add(reader)
    },
    take(notice) {
      if (!isNews(notice)) return
      const experiment = typeof notice.experiment === 'string' ? notice.experiment : notice.experiment?.key
      if (experiment === undefined) return
      tellSoon(experiment, eventText('change', { experiment, revision: revisionOf(notice), at: notice.at }))
    },
    readers: () => [...readers].filter(({ isOpen }) => isOpen).length,
    close() {
      clearInterval(beat)
      for (const { timer } of resting.values()) clearTimeout(timer)
    },
  }
}

function revisionOf(notice: PlaneNotice): number | null {
  if (notice.kind === 'tick') return notice.result.state?.revision ?? null
  if (notice.kind === 'transition') return notice.transition.to.revision
  if (notice.kind === 'definition') return notice.state.revision
  return notice.kind === 'proof' ? notice.proof.revision : null
}

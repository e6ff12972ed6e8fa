import type { TransitionEvent } from '@fairtrial/protocol'
import { isOver, sayState, sayStatus } from './rollout-words.ts'

/** What a transition did, in a word or two: `Approved`, `Advanced`, `Held by hand`. */
export function sayTransition({
  from,
  to,
  readiness,
}: Pick<TransitionEvent, 'from' | 'to' | 'readiness'>): string {
  const isNew = from === null || from.status !== to.status
  if (from === null || from.phase < to.phase) return `Phase ${to.phase} opened`
  if (isNew && (isOver(to.status) || to.status === 'baking')) return sayStatus(to.status).word
  if (readiness !== undefined) return 'Found ready'
  if (isNew && from.awaitsStart === true) return 'Started'
  if (isHeld(to) !== isHeld(from)) return isHeld(to) ? 'Held by hand' : 'Resumed'
  if (to.stage > from.stage) return 'Advanced'
  if ((to.approvals ?? []).length > (from.approvals ?? []).length) return 'Approved'
  if (typeof to.extendedAt === 'number' && to.extendedAt !== from.extendedAt) return 'Hold extended'
  if (isNew) return to.status === 'holding' ? 'Held' : 'Went on'
  return sayState(to).word
}

function isHeld({ heldBy }: TransitionEvent['to']): boolean {
  return typeof heldBy === 'string'
}

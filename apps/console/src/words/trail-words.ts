import type { JsonValue, TransitionEvent } from '@fairtrial/protocol'
import type { TrailEntry } from '@fairtrial/rollout'
import { sayRule } from './rollout-words.ts'
import { sayDuration } from './times.ts'
import { sayTransition } from './transition-words.ts'

/** What an entry of the audit trail is about, in a word or two. */
export function sayKind({ kind, detail }: Pick<TrailEntry, 'kind' | 'detail'>): string {
  if (kind === 'transition') return sayTransition(detail as unknown as TransitionEvent).toLowerCase()
  return kind === 'refused' && typeof detail['action'] === 'string'
    ? `${detail['action']} refused`
    : sayRule(kind)
}

/** What an entry of the audit trail says, in a sentence. */
export function sayEntry({ kind, detail }: Pick<TrailEntry, 'kind' | 'detail'>): string {
  switch (kind) {
    case 'transition':
      return textOf(detail['reason']) ?? JSON.stringify(detail)
    case 'note':
    case 'dissent':
      return textOf(detail['text']) ?? JSON.stringify(detail)
    case 'definition': {
      const edits = Array.isArray(detail['edits']) ? detail['edits'].map(String) : []
      const goesOn = edits.length === 0 ? '' : `, with safe edits: ${edits.join(', ')}`
      return `Phase ${plain(detail['phase'])} at revision ${plain(detail['revision'])} of definition ${plain(detail['fingerprint']).slice(0, 10)}${goesOn}.`
    }
    case 'proof':
    case 'violation': {
      const {
        acknowledged = 0,
        lapsed = 0,
        unconcerned = 0,
        waiting = 0,
      } = (detail['instances'] ?? {}) as Record<string, number>
      const served = detail['servedForMs']
      const violated = Array.isArray(detail['violated']) ? detail['violated'].map(String) : []
      const after =
        detail['lastTreatmentServedAt'] === null
          ? ', no treatment reported served'
          : typeof served === 'number' && `, no treatment after ${sayDuration(served)}`
      const without = unconcerned > 0 ? `, ${unconcerned} without the experiment` : ''
      return violated.length > 0
        ? violated.join(' ')
        : `${acknowledged} acknowledged, ${lapsed} lapsed${without}, ${waiting} waited for${after || ''}.`
    }
    case 'refused':
    case 'notification-failed':
    case 'retention':
      return textOf(detail['detail']) ?? textOf(detail['message']) ?? JSON.stringify(detail)
  }
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function plain(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '–'
}

import { createHash } from 'node:crypto'
import { canonicalJson, type JsonObject } from '@fairtrial/protocol'
import type { PlaneNotice } from '../notice.ts'
import type { TrailFact } from './chain.ts'

/** Sentences of a proof that are kept; thousands of instances may each have one. */
const KEPT_SENTENCES = 20

/** What the trail keeps of what happens. Null for what it does not: each turn of a loop. */
export function factOf(notice: PlaneNotice): TrailFact | null {
  const { at } = notice
  switch (notice.kind) {
    case 'tick':
      return null
    case 'definition': {
      const { experiment, state, edits } = notice
      const detail = {
        fingerprint: experiment.fingerprint,
        // Of all of it: the seal leaves out what may change while a trial runs.
        definition: createHash('sha256').update(canonicalJson(experiment)).digest('hex'),
        phase: state.phase,
        revision: state.revision,
        edits,
      }
      const by = 'controller'
      return { at, by, role: by, kind: 'definition', experiment: experiment.key, detail: plain(detail) }
    }
    case 'transition': {
      const { experiment, role, transition } = notice
      return { at, by: transition.by, role, kind: 'transition', experiment, detail: plain(transition) }
    }
    case 'order-refused': {
      const { experiment, by, role, action, status, code, detail } = notice
      return {
        at,
        by: by ?? 'unknown',
        role,
        kind: 'refused',
        experiment,
        detail: plain({ action, status, code, detail }),
      }
    }
    case 'proof': {
      const { experiment, proof } = notice
      const detail = {
        ...proof,
        waitingFor: proof.waitingFor.slice(0, KEPT_SENTENCES),
        violated: proof.violated.slice(0, KEPT_SENTENCES),
        violations: proof.violated.length,
      }
      const kind = proof.violated.length > 0 ? 'violation' : 'proof'
      return { at, by: 'controller', role: 'controller', kind, experiment, detail: plain(detail) }
    }
  }
}

/** As JSON has it: a number that JSON does not know is null there, and must be null in the hash too. */
export function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}

import type { Decision, RolloutState } from '@fairtrial/protocol'
import { readJson, sendJson } from '../http.ts'
import type { KeepingRoom } from '../notice.ts'
import { fieldsOf, signerOf, textField } from '../orders.ts'
import { textOf, wholeOf } from '../query.ts'
import { Refused } from '../refused.ts'
import type { JsonSchema, Route } from '../route.ts'
import type { Trail } from '../trail/trail.ts'
import { entrySchema } from '../trail/trail-routes.ts'
import { noteDetail } from './decision-entry.ts'
import { searchDecisions } from './search-decisions.ts'

const PATIENCE_MS = 5_000
const MAXIMUM_NOTE_BYTES = 16 * 1024
const LIMITS = { minimum: 1, maximum: 200, otherwise: 50 } as const
const BEFORE = { minimum: 1, maximum: 999_999_999_999_999 } as const
const filterSchema: JsonSchema = { type: 'string', maxLength: 200 }
const saidSchema: JsonSchema = { type: 'string', minLength: 1, maxLength: 1000, pattern: '\\S' }

const noteSchema: JsonSchema = {
  type: 'object',
  properties: {
    kind: { enum: ['note', 'dissent'] },
    text: saidSchema,
    by: { ...saidSchema, description: 'Needed where there are no tokens.' },
  },
  required: ['kind', 'text'],
}

const strings: JsonSchema = { type: 'array', items: { type: 'string' } }

const logSchema: JsonSchema = {
  type: 'object',
  properties: {
    schema: { const: 'fairtrial.decisions/1' },
    experiment: { type: 'string' },
    entries: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          sequence: { type: 'integer' },
          at: { type: 'integer' },
          by: { type: 'string' },
          kind: { enum: ['transition', 'note', 'dissent'] },
          text: { type: 'string' },
          revision: { type: 'integer' },
          status: { type: 'string' },
          action: { type: ['string', 'null'] },
          rule: { type: ['string', 'null'] },
          reasons: strings,
          changesWhen: strings,
          evidence: { type: 'object' },
          dissent: { type: 'array' },
        },
        required: ['sequence', 'at', 'by', 'kind', 'text', 'revision', 'reasons', 'evidence', 'dissent'],
      },
    },
    next: { type: ['integer', 'null'] },
  },
  required: ['schema', 'experiment', 'entries', 'next'],
}

interface Known {
  readonly state: RolloutState
  readonly decision: Decision | null
}

/** Who decided what, on what, and who disagreed: read from the trail, and written into it. */
export function openDecisions(trail: Trail, now: () => number): KeepingRoom {
  const known = new Map<string, Known>()

  function knownOf(key: string): Known {
    const found = known.get(key)
    if (found) return found
    throw new Refused(404, 'unknown-experiment', `There is no experiment ${JSON.stringify(key)} here.`, {
      remedy: 'Check the key.',
    })
  }

  /** A look that failed has no decision: the one before is still the last. */
  function note(key: string, state: RolloutState, decision: Decision | null): void {
    known.set(key, { state, decision: decision ?? known.get(key)?.decision ?? null })
  }

  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/v1/experiments/:key/decisions',
      role: 'viewer',
      summary: 'Who decided what, on what, and who disagreed, the newest first.',
      query: {
        limit: { type: 'integer', minimum: LIMITS.minimum, maximum: LIMITS.maximum },
        before: { type: 'integer', ...BEFORE },
        rule: filterSchema,
        by: filterSchema,
        text: filterSchema,
      },
      answer: logSchema,
      async run({ response, key, query }) {
        knownOf(key)
        await trail.refresh()
        const found = await searchDecisions(trail, {
          experiment: key,
          limit: wholeOf(query, 'limit', LIMITS),
          before: wholeOf(query, 'before', { ...BEFORE, otherwise: BEFORE.maximum }),
          rule: textOf(query, 'rule'),
          by: textOf(query, 'by'),
          text: textOf(query, 'text'),
        })
        sendJson(response, 200, found)
      },
    },
    {
      method: 'POST',
      path: '/v1/experiments/:key/notes',
      role: 'operator',
      summary: 'Writes a note, or a dissent, into the trail, with what is known now. Answers with its entry.',
      body: { contentType: 'application/json', maximumBytes: MAXIMUM_NOTE_BYTES, schema: noteSchema },
      answer: entrySchema,
      async run({ request, response, key, caller }) {
        const { state, decision } = knownOf(key)
        const { kind, text, by } = fieldsOf(await readJson(request, MAXIMUM_NOTE_BYTES))
        if (kind !== 'note' && kind !== 'dissent') {
          throw new Refused(400, 'invalid-argument', 'kind is neither "note" nor "dissent".', {
            remedy: 'Give kind in the JSON body.',
          })
        }
        const entry = await within(
          PATIENCE_MS,
          trail.append({
            at: now(),
            by: signerOf(caller, by),
            role: caller.role,
            kind,
            experiment: key,
            detail: noteDetail(textField('text', text), state, decision),
          }),
        )
        sendJson(response, 200, entry)
      },
    },
  ]

  return {
    routes,
    take(notice) {
      if (notice.kind === 'definition') note(notice.experiment.key, notice.state, null)
      if (notice.kind === 'transition') {
        note(notice.experiment, notice.transition.to, notice.transition.decision)
      }
      if (notice.kind === 'tick' && notice.result.state !== null) {
        note(notice.experiment.key, notice.result.state, notice.result.decision)
      }
    },
    close: async () => undefined,
  }
}

/** Whoever wrote waits no longer than they like to; the note waits in memory, and is written when the disk takes it. */
async function within<T>(ms: number, writing: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It waits to be written.')), ms)
  })
  try {
    return await Promise.race([writing, late])
  } catch (error) {
    const detail = `The note is not in the trail: ${(error as Error).message}`
    throw new Refused(503, 'not-written', detail, {
      remedy: 'Look for space on the disk, and into the trail.',
    })
  } finally {
    clearTimeout(timer)
    writing.catch(() => undefined)
  }
}

import { sendJson } from '../http.ts'
import { wholeOf } from '../query.ts'
import type { JsonSchema, Route } from '../route.ts'
import type { Trail } from './trail.ts'

const LIMITS = { minimum: 1, maximum: 500, otherwise: 100 } as const
const SEQUENCES = { minimum: 0, maximum: 1e15 } as const
const whole = ({ minimum, maximum }: { minimum: number; maximum: number }): JsonSchema => ({
  type: 'integer',
  minimum,
  maximum: Math.min(maximum, 999_999_999_999_999),
})

/** Of an entry of the trail. */
export const entrySchema: JsonSchema = {
  type: 'object',
  properties: {
    schema: { const: 'fairtrial.trail/1' },
    sequence: { type: 'integer', minimum: 1 },
    at: { type: 'integer' },
    by: { type: 'string' },
    role: { type: ['string', 'null'] },
    kind: { type: 'string' },
    experiment: { type: ['string', 'null'] },
    detail: { type: 'object' },
    previous: { type: ['string', 'null'] },
    hash: { type: 'string' },
  },
  required: ['schema', 'sequence', 'at', 'by', 'role', 'kind', 'experiment', 'detail', 'previous', 'hash'],
}

const pageSchema: JsonSchema = {
  type: 'object',
  properties: {
    schema: { const: 'fairtrial.trail-page/1' },
    entries: { type: 'array', items: entrySchema },
    last: {
      type: ['object', 'null'],
      properties: { sequence: { type: 'integer' }, hash: { type: 'string' } },
      required: ['sequence', 'hash'],
    },
  },
  required: ['schema', 'entries', 'last'],
}

/** What was done, page by page. */
export function trailRoutes(trail: Trail): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/trail',
      role: 'viewer',
      summary:
        'The audit trail, the oldest entry first: those after `after`, those just before `before`, or the newest.',
      query: { after: whole(SEQUENCES), before: whole(SEQUENCES), limit: whole(LIMITS) },
      answer: pageSchema,
      async run({ response, query }) {
        const limit = wholeOf(query, 'limit', LIMITS)
        await trail.refresh()
        const end = trail.marks.length
        const before = wholeOf(query, 'before', { ...SEQUENCES, otherwise: end + 1 })
        const after = wholeOf(query, 'after', {
          ...SEQUENCES,
          otherwise: Math.max(0, Math.min(before, end + 1) - 1 - limit),
        })
        const entries = []
        for (let n = after + 1; n <= end && n < before && entries.length < limit; n++) {
          entries.push(await trail.read(n))
        }
        sendJson(response, 200, { schema: 'fairtrial.trail-page/1', entries, last: trail.last })
      },
    },
  ]
}

import { attribute } from '@fairtrial/rollout'
import { sendJson } from '../http.ts'
import type { Plane } from '../plane.ts'
import { textOf } from '../query.ts'
import { Refused } from '../refused.ts'
import type { JsonSchema, Route } from '../route.ts'

const strings: JsonSchema = { type: 'array', items: { type: 'string' } }
const effect: JsonSchema = {
  type: 'object',
  properties: {
    estimate: { type: 'number' },
    lower: { type: ['number', 'null'] },
    upper: { type: ['number', 'null'] },
  },
  required: ['estimate', 'lower', 'upper'],
}

const reportSchema: JsonSchema = {
  type: 'object',
  properties: {
    schema: { const: 'fairtrial.attribution/1' },
    metric: { type: 'string' },
    asOf: { type: 'number' },
    ranked: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          experiment: { type: 'string' },
          variant: { type: 'string' },
          metric: { type: 'string' },
          share: { type: 'number', minimum: 0, maximum: 1 },
          effect,
          contribution: effect,
          verdict: { enum: ['harms', 'helps', 'unclear'] },
          sentence: { type: 'string' },
        },
        required: [
          'experiment',
          'variant',
          'metric',
          'share',
          'effect',
          'contribution',
          'verdict',
          'sentence',
        ],
      },
    },
    unranked: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          experiment: { type: 'string' },
          variant: { type: ['string', 'null'] },
          reason: { type: 'string' },
        },
        required: ['experiment', 'variant', 'reason'],
      },
    },
    limits: strings,
  },
  required: ['schema', 'metric', 'asOf', 'ranked', 'unranked', 'limits'],
}

/** Which of the rollouts that run may have moved a metric. */
export function attributionRoutes(plane: Pick<Plane, 'lastTicks' | 'now'>): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/attribution',
      role: 'viewer',
      summary: 'Which of the rollouts that run may have moved a metric, the most harmful first.',
      query: { metric: { type: 'string', minLength: 1, maxLength: 200 } },
      requiredQuery: ['metric'],
      answer: reportSchema,
      run({ response, query }) {
        const metric = textOf(query, 'metric')
        if (metric === null) {
          throw new Refused(400, 'invalid-argument', 'metric of the query is missing.', {
            remedy: 'Name a metric, or the event it is made of.',
          })
        }
        const rollouts = plane
          .lastTicks()
          .flatMap(({ experiment, result: { state, evaluation } }) =>
            state === null ? [] : [{ experiment, state, evaluation }],
          )
        sendJson(response, 200, attribute(metric, rollouts, plane.now()))
      },
    },
  ]
}

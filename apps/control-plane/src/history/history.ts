import type { RolloutHistory } from '@fairtrial/rollout'
import type { HistoryTable } from '@fairtrial/rollout/postgres'
import { sendJson } from '../http.ts'
import type { KeepingRoom } from '../notice.ts'
import { Refused } from '../refused.ts'
import type { JsonSchema, Route } from '../route.ts'
import { openHistoryFiles } from './history-files.ts'
import { historyPoint } from './history-point.ts'
import { openHistoryRows } from './history-rows.ts'

const historySchema: JsonSchema = {
  type: 'object',
  properties: {
    schema: { const: 'fairtrial.history/1' },
    experiment: { type: 'string' },
    points: {
      type: 'array',
      maxItems: 2_001,
      items: {
        type: 'object',
        properties: {
          at: { type: 'number' },
          phase: { type: 'integer' },
          revision: { type: 'integer' },
          status: { type: 'string' },
          units: { type: 'object' },
          sampleRatioP: { type: ['number', 'null'] },
          guardrails: { type: 'array' },
          primaries: { type: 'array' },
        },
        required: ['at', 'phase', 'revision', 'status', 'units', 'guardrails', 'primaries'],
      },
    },
  },
  required: ['schema', 'experiment', 'points'],
}

/**
 * What is known of how a rollout came to be where it is: a point for each look, thinned over time. Kept in a table where
 * there are replicas, else in files.
 */
export async function openHistory(options: {
  /** The data directory. */
  readonly directory: string
  readonly historyTable?: HistoryTable
  readonly experiments: readonly { readonly key: string }[]
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly log: (line: string) => void
}): Promise<KeepingRoom> {
  const { directory, historyTable, experiments, log } = options
  const store = await (historyTable === undefined
    ? openHistoryFiles(directory, experiments, log)
    : openHistoryRows(historyTable, experiments, options))
  const route: Route = {
    method: 'GET',
    path: '/v1/experiments/:key/history',
    role: 'viewer',
    summary:
      'How a rollout came to be where it is, look by look: at most 2,000 points, each change of state among them.',
    answer: historySchema,
    async run({ response, key }) {
      const points = await store.points(key)
      if (points === null) {
        throw new Refused(404, 'unknown-experiment', `There is no experiment ${JSON.stringify(key)} here.`, {
          remedy: 'Check the key.',
        })
      }
      const history: RolloutHistory = { schema: 'fairtrial.history/1', experiment: key, points }
      sendJson(response, 200, history)
    },
  }

  return {
    routes: [route],
    take(notice) {
      if (notice.kind !== 'tick') return
      const point = historyPoint(notice.experiment, notice.result)
      if (point !== null) store.note(notice.experiment.key, point, notice.result.leader)
    },
    close: () => store.close(),
  }
}

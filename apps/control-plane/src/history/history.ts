import { join } from 'node:path'
import type { RolloutHistory } from '@fairtrial/rollout'
import { sendJson } from '../http.ts'
import type { KeepingRoom } from '../notice.ts'
import { Refused } from '../refused.ts'
import type { JsonSchema, Route } from '../route.ts'
import { type HistoryFile, openHistoryFile } from './history-file.ts'
import { historyPoint } from './history-point.ts'
import { type ThinnedPoints, thinnedPoints } from './thinned-points.ts'

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

/** What is known of how a rollout came to be where it is: a point for each look, thinned over time. */
export interface History extends KeepingRoom {
  of(experiment: string): RolloutHistory | null
}

/** Opens the history of each experiment in a data directory, where a restart finds it again. */
export async function openHistory(options: {
  readonly directory: string
  readonly experiments: readonly { readonly key: string }[]
  readonly log: (line: string) => void
}): Promise<History> {
  const { directory, experiments, log } = options
  const kept = new Map<string, { readonly points: ThinnedPoints; readonly file: HistoryFile }>()
  for (const { key } of experiments) {
    const { points, file } = await openHistoryFile(join(directory, 'history', `${key}.ndjson`), log)
    kept.set(key, { points: thinnedPoints(points), file })
  }
  const of = (experiment: string): RolloutHistory | null => {
    const found = kept.get(experiment)
    return found ? { schema: 'fairtrial.history/1', experiment, points: found.points.list() } : null
  }
  const route: Route = {
    method: 'GET',
    path: '/v1/experiments/:key/history',
    role: 'viewer',
    summary:
      'How a rollout came to be where it is, look by look: at most 2,000 points, each change of state among them.',
    answer: historySchema,
    run({ response, key }) {
      const history = of(key)
      if (history === null) {
        throw new Refused(404, 'unknown-experiment', `There is no experiment ${JSON.stringify(key)} here.`, {
          remedy: 'Check the key.',
        })
      }
      sendJson(response, 200, history)
    },
  }

  return {
    of,
    routes: [route],
    take(notice) {
      if (notice.kind !== 'tick') return
      const found = kept.get(notice.experiment.key)
      const point = historyPoint(notice.experiment, notice.result)
      if (found === undefined || point === null) return
      // A look that failed says nothing about the evidence; it is kept where the state has changed.
      const isBlind = notice.result.decision === null
      if (isBlind && found.points.list().at(-1)?.revision === point.revision) return
      const added = found.points.add(point)
      if (added === 'kept') found.file.append(point)
      if (added === 'thinned') found.file.replace(found.points.list())
    },
    async close() {
      for (const { points, file } of kept.values()) {
        file.replace(points.list())
        await file.close()
      }
    },
  }
}

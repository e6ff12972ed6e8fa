import { join } from 'node:path'
import { openHistoryFile } from './history-file.ts'
import { type HistoryStore, isWorthKeeping } from './history-store.ts'
import { thinnedPoints } from './thinned-points.ts'

/** The histories of one control plane, each a file in its data directory, where a restart finds it again. */
export async function openHistoryFiles(
  directory: string,
  experiments: readonly { readonly key: string }[],
  log: (line: string) => void,
): Promise<HistoryStore> {
  const opened = await Promise.all(
    experiments.map(async ({ key }) => {
      const { points, file } = await openHistoryFile(join(directory, 'history', `${key}.ndjson`), log)
      return [key, { points: thinnedPoints(points), file }] as const
    }),
  )
  const kept = new Map(opened)
  return {
    points: async (experiment) => kept.get(experiment)?.points.list() ?? null,
    note(experiment, point) {
      const found = kept.get(experiment)
      if (found === undefined || !isWorthKeeping(point, found.points.list().at(-1) ?? null)) return
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

import { checkKey } from '../controller/check-key.ts'
import type { HistoryPoint } from '../rollout-view.ts'
import type { Database } from './database.ts'

/** Points of the histories of rollouts, whoever led when. How many there are is the business of who writes them. */
export interface HistoryTable {
  /** The oldest first. */
  points(experiment: string): Promise<readonly HistoryPoint[]>
  /** Adds points, and takes those of other times away. One that is there already stays as it is. */
  change(experiment: string, added: readonly HistoryPoint[], gone: readonly number[]): Promise<void>
}

/** The histories that all replicas show. */
export function postgresHistory({ query, schema }: Database): HistoryTable {
  return {
    async points(experiment) {
      checkKey(experiment)
      const rows = await query(`SELECT point FROM ${schema}.history WHERE experiment = $1 ORDER BY at`, [
        experiment,
      ])
      return rows.map(({ point }) => point as HistoryPoint)
    },
    async change(experiment, added, gone) {
      checkKey(experiment)
      await query(
        `WITH gone AS (DELETE FROM ${schema}.history WHERE experiment = $1 AND at = ANY ($4::bigint[]))
         INSERT INTO ${schema}.history (experiment, at, point)
         SELECT $1, at, point FROM unnest($2::bigint[], $3::json[]) AS added (at, point)
         ON CONFLICT DO NOTHING`,
        [experiment, added.map(({ at }) => at), added.map((point) => JSON.stringify(point)), gone],
      )
    },
  }
}

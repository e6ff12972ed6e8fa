import { postgresForTests } from '@fairtrial/databases'
import { expect, it } from 'vitest'
import type { HistoryPoint } from '../rollout-view.ts'
import { connectPostgres } from './database.ts'
import { postgresHistory } from './postgres-history.ts'

const postgres = await postgresForTests()

const point = (at: number, stage = 0): HistoryPoint => ({
  at,
  phase: 1,
  revision: 1,
  stage,
  trafficPercent: 10,
  status: 'running',
  action: 'continue',
  rule: 'stage-time',
  units: { old: 1, [`"é\\{},'`]: 2 },
  sampleRatioP: 0.1 + 0.2,
  verdict: null,
  guardrails: [],
  primaries: [],
})

it.skipIf(postgres.isMissing)(
  'postgresHistory keeps points by their time, each experiment its own',
  async () => {
    const database = await connectPostgres({ connectionString: await postgres.createDatabase() })
    try {
      const history = postgresHistory(database)
      expect(await history.points('a')).toEqual([])
      await history.change('a', [point(3), point(1), point(2)], [])
      await history.change('b', [point(1)], [])
      expect(await history.points('a')).toEqual([point(1), point(2), point(3)])
      // Two who believe that they lead: the first one's point stays.
      await history.change('a', [point(3, 1), point(4)], [2, 9])
      expect(await history.points('a')).toEqual([point(1), point(3), point(4)])
      expect(await history.points('b')).toEqual([point(1)])
      await expect(history.points('a/b')).rejects.toMatchObject({ code: 'invalid-argument' })
    } finally {
      await database.close()
    }
  },
)

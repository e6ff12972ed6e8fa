import { postgresForTests } from '@fairtrial/databases'
import { describe, expect, it } from 'vitest'
import { harmfulTrial, journalFaults, killAt } from '../../test/replicas.ts'
import { connectPostgres } from './database.ts'
import { postgresLease } from './postgres-lease.ts'
import { postgresStateStore } from './postgres-state-store.ts'

const postgres = await postgresForTests()

describe.skipIf(postgres.isMissing)('replicas on PostgreSQL', () => {
  it('FAULTS 56: killed at any await of its life, a leader leaves each decision made exactly once', async () => {
    const database = await connectPostgres({ connectionString: await postgres.createDatabase() })
    const store = postgresStateStore(database)
    const leaseOf = (holder: string) => postgresLease(database, { holder, ttlMs: 60_000 })
    const lapse = async () => {
      await database.query('UPDATE fairtrial.leases SET expires_at = clock_timestamp()')
    }
    try {
      let kills = 0
      for (let isKilled = true; isKilled; ) {
        await lapse()
        const trial = harmfulTrial(`killed-at-${kills + 1}`)
        const { died, journal } = await killAt(kills + 1, trial, { store, leaseOf, lapse })
        expect(journalFaults(journal), trial.experiment.key).toEqual([])
        isKilled = died
        if (died) kills++
      }
      expect(kills).toBeGreaterThan(30)
    } finally {
      await database.close()
    }
  })
})

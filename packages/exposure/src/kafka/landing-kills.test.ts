import { missingForTests } from '@fairtrial/brokers'
import { describe, expect, it } from 'vitest'
import { confluentModule } from '../../test/confluent-module.ts'
import { killLanding } from '../../test/kill-landing.ts'

describe.skipIf(missingForTests().kafka)('kafkaSegments, killed', () => {
  it('FAULTS 41: loses nothing and doubles nothing, killed 3 times between store and commit', async () => {
    const { stored, ...told } = await killLanding({ rounds: 3, seed: 1 })
    expect(told).toMatchObject({ rounds: 3, lost: 0, doubled: 0, ok: true })
    expect(stored).toBeGreaterThan(1_000)
  })

  it.skipIf(confluentModule() === undefined)(
    'FAULTS 41: the same by librdkafka, which joins no group',
    async () => {
      const told = await killLanding({ rounds: 3, seed: 3, library: 'confluent' })
      expect(told).toMatchObject({ rounds: 3, lost: 0, doubled: 0, ok: true })
      expect(told.stored).toBeGreaterThan(1_000)
    },
  )

  it('FAULTS 41: a storm of rebalances, 3 members that are killed and come back, loses nothing, and no directory has a record twice', async () => {
    const told = await killLanding({ rounds: 4, seed: 2, members: 3 })
    expect(told).toMatchObject({ rounds: 4, lost: 0, doubled: 0, ok: true })
  })
})

import { missingForTests, startMockCluster } from '@fairtrial/brokers'
import { describe, expect, it } from 'vitest'
import { kafkajsLibrary } from './kafkajs-library.ts'

const FIND_COORDINATOR = 10
const JOIN_GROUP = 11

// What the broker of a new cluster answers for a moment, here for longer than kafkajs has patience.
describe.skipIf(missingForTests().mockCluster)('a member of a group that has no coordinator yet', () => {
  it.each([
    ['COORDINATOR_LOAD_IN_PROGRESS', JOIN_GROUP, 14, true],
    ['COORDINATOR_NOT_AVAILABLE', FIND_COORDINATOR, 15, true],
    ['GROUP_AUTHORIZATION_FAILED', JOIN_GROUP, 30, false],
  ])('ends by %s, and says whether that passes', async (_, request, code, isPassing) => {
    const mock = await startMockCluster()
    try {
      await mock.createTopic('exposures')
      await mock.pushErrors(request, code, 1_000)
      let leave: (() => Promise<void>) | undefined
      const ended = new Promise<boolean | undefined>((resolve) => {
        leave = kafkajsLibrary({ brokers: mock.brokers }).joinGroup({
          groupId: 'group',
          topics: ['exposures'],
          sessionTimeoutMs: 6_000,
          begin: () => [],
          take: async () => undefined,
          onEnd: (_cause, passes) => resolve(passes),
        }).close
      })
      expect(await ended).toBe(isPassing)
      await leave?.()
    } finally {
      await mock.stop()
    }
  })
})

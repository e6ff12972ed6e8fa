import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { expect, it } from 'vitest'
import { kafkajsRanges } from './kafkajs-ranges.ts'

it('leaves Kafka only when all that it asked is answered: kafkajs would connect again, and hold the process', async () => {
  const calls: string[] = []
  const admin = {
    connect: async () => undefined,
    disconnect: async () => void calls.push('disconnect'),
    async fetchTopicOffsets(topic: string) {
      if (topic === 'slow') await sleep(20)
      calls.push(topic)
      throw new Error('This server does not host this topic-partition')
    },
  }
  const client = { admin: () => admin } as unknown as Kafka
  await expect(kafkajsRanges(client, ['slow', 'fast'], 1_000)).rejects.toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining('no topic slow'),
  })
  expect(calls).toEqual(['fast', 'slow', 'disconnect'])
})

import { setTimeout as sleep } from 'node:timers/promises'
import { kafkaForTests } from '@fairtrial/brokers'
import { describe, expect, it } from 'vitest'
import { confluentModule } from '../../test/confluent-module.ts'
import { storedIn } from '../../test/stored-in-topic.ts'
import { kafkaLibraryContract } from '../testing/index.ts'
import { confluentLibrary } from './confluent.ts'
import { kafkajsLibrary } from './index.ts'
import type { KafkaProducing } from './kafka-producer.ts'

const kafka = await kafkaForTests()
const module = confluentModule()

const LIBRARIES: Record<string, (brokers: readonly string[]) => KafkaProducing> = {
  kafkajs: (brokers) => kafkajsLibrary({ brokers }),
  'kafkajs with gzip': (brokers) => kafkajsLibrary({ brokers, compression: 'gzip' }),
  ...(module !== undefined && {
    confluent: (brokers: readonly string[]) => confluentLibrary({ brokers, module }),
    'confluent with gzip': (brokers: readonly string[]) =>
      confluentLibrary({ brokers, module, compression: 'gzip' }),
  }),
}

describe.skipIf(kafka.isMissing || module === undefined)('confluentLibrary', () => {
  it('lets go of a consumer only when it has its answers: under a call the whole process would end', async () => {
    const topic = await kafka.createTopic('asked', { partitions: 3 })
    const library = confluentLibrary({ brokers: kafka.brokers, module })
    for (let n = 0; n < 25; n++) {
      const reader = library.openReader()
      const ranges = () => reader.ranges([topic], 10_000)
      await ranges()
      const answers = Promise.allSettled([ranges(), ranges()])
      await sleep(n % 8)
      await reader.close()
      for (const answer of await answers) {
        if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'unreachable' })
      }
    }
  })
})

describe.skipIf(kafka.isMissing).each(Object.entries(LIBRARIES))('%s', (_, libraryAt) => {
  const contract = kafkaLibraryContract(libraryAt, async () => {
    const topic = await kafka.createTopic('contract', {
      partitions: 3,
      config: { 'max.message.bytes': 100_000 },
    })
    const stored = async () =>
      (await storedIn(kafka.brokers, topic)).map(({ partition, key, value, headers }) => ({
        partition,
        key,
        value,
        headers,
      }))
    return { brokers: kafka.brokers, topic, partitions: 3, stored }
  })
  for (const { name, run } of contract) it(name, run)
})

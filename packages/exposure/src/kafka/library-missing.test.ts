import { expect, it, vi } from 'vitest'
import { batchOf } from '../index.ts'
import { sampleOutcome } from '../testing/index.ts'
import { confluentLibrary } from './confluent.ts'
import { kafkajsLibrary, kafkaSink } from './index.ts'

vi.mock('kafkajs', () => {
  throw new Error("Cannot find package 'kafkajs'")
})

it('says what to install where kafkajs is missing', async () => {
  const sink = kafkaSink({ library: kafkajsLibrary({ brokers: ['127.0.0.1:1'] }) })
  await expect(sink.deliver(batchOf([sampleOutcome()]))).rejects.toMatchObject({
    code: 'misconfigured',
    remedy: expect.stringContaining('npm install kafkajs@2.2.4') as string,
  })
  await sink.close()
})

it('says what to install where @confluentinc/kafka-javascript is missing, as it is in this workspace', async () => {
  const sink = kafkaSink({ library: confluentLibrary({ brokers: ['127.0.0.1:1'] }) })
  await expect(sink.deliver(batchOf([sampleOutcome()]))).rejects.toMatchObject({
    code: 'misconfigured',
    remedy: expect.stringContaining('npm install @confluentinc/kafka-javascript') as string,
  })
  await sink.close()
})

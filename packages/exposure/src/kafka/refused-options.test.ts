import { expect, it } from 'vitest'
import { kafkaLog } from './kafka-log.ts'
import { kafkaSegments } from './kafka-segments.ts'
import { kafkaSink } from './kafka-sink.ts'
import { kafkajsLibrary } from './kafkajs-library.ts'
import { LOG_TOPICS, topicsOf } from './log-topics.ts'

// Nothing listens there, and nobody is called: all of this is refused before anything is opened.
const library = kafkajsLibrary({ brokers: ['127.0.0.1:1'] })
const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'invalid-argument', message: expect.stringMatching(message) as string })

it('names topics as Kafka takes them, and refuses every other name', () => {
  expect(topicsOf('fairtrial')).toEqual(LOG_TOPICS)
  expect(topicsOf('a.b_c-1').outcomes).toBe('a.b_c-1.outcomes.v1')
  for (const prefix of [
    '',
    'a b',
    'a/b',
    'ä',
    'x'.repeat(246),
    'x'.repeat(240),
    undefined as never,
    7 as never,
  ])
    expect(() => topicsOf(prefix)).toThrow(refusal(/ is .*\. Use letters, digits, dots/))
})

const wrongTopics: [unknown, RegExp][] = [
  [{ exposures: '' }, /topics\.exposures is ""/],
  [{ outcomes: '..' }, /topics\.outcomes is "\.\."/],
  [{ summaries: 7 }, /topics\.summaries is 7/],
]

it.each<[object, RegExp]>([
  [{ library: undefined }, /kafkaSink has no library: `library` lacks openProducer/],
  [{ timeoutMs: 0 }, /kafkaSink\.timeoutMs is 0/],
  [{ maximumRecordBytes: 0 }, /kafkaSink\.maximumRecordBytes is 0/],
  [{ refreshMs: -1 }, /kafkaSink\.refreshMs is -1/],
  ...wrongTopics.map(([topics, message]): [object, RegExp] => [{ topics }, message]),
])('kafkaSink refuses %j', (options, message) => {
  expect(() => kafkaSink({ library, ...options })).toThrow(refusal(message))
})

it.each<[object, RegExp]>([
  [{ library: {} }, /kafkaLog has no library: `library` lacks openReader/],
  [{ maximumBytes: 0 }, /kafkaLog\.maximumBytes is 0/],
  [{ deadlineMs: Number.NaN }, /kafkaLog\.deadlineMs is NaN/],
  [{ onLoss: true }, /kafkaLog\.onLoss is true/],
  ...wrongTopics.map(([topics, message]): [object, RegExp] => [{ topics }, message]),
])('kafkaLog refuses %j', (options, message) => {
  expect(() => kafkaLog({ library, ...options })).toThrow(refusal(message))
})

it.each<[object, RegExp]>([
  [{ groupId: undefined }, /kafkaSegments\.groupId is undefined\. Name the group/],
  [{ groupId: '' }, /kafkaSegments\.groupId is ""/],
  [{ directory: undefined }, /kafkaSegments\.directory is undefined/],
  [{ library: { openReader() {} } }, /`library` lacks joinGroup, openProducer/],
  [{ stallMs: 0 }, /kafkaSegments\.stallMs is 0/],
  [{ sessionTimeoutMs: Number.NaN }, /kafkaSegments\.sessionTimeoutMs is NaN/],
  [{ lagMs: 0 }, /kafkaSegments\.lagMs is 0/],
  [{ commitMs: -5 }, /kafkaSegments\.commitMs is -5/],
  [{ maximumSegmentBytes: '1 MB' }, /kafkaSegments\.maximumSegmentBytes is 1 MB/],
  [{ onLag: 5 }, /kafkaSegments\.onLag is 5/],
  ...wrongTopics.map(([topics, message]): [object, RegExp] => [{ topics }, message]),
])('kafkaSegments refuses %j, and touches no disk', async (options, message) => {
  const given = { library, directory: 'never/made', groupId: 'g', ...options } as never
  await expect(kafkaSegments(given)).rejects.toEqual(refusal(message))
})

it.each<[object, RegExp]>([
  [{ compression: 'zstd' }, /kafkajsLibrary\.compression is "zstd"\. Give none or gzip/],
  [{ sasl: { mechanism: 'SCRAM', username: 'u', password: 'p' } }, /sasl\.mechanism is "SCRAM"/],
  [{ idleMs: Number.NaN }, /idleMs is NaN/],
])('kafkajsLibrary refuses %j', (options, message) => {
  expect(() => kafkajsLibrary({ brokers: ['127.0.0.1:1'], ...options } as never)).toThrow(refusal(message))
})

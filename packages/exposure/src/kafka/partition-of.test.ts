import fc from 'fast-check'
import { Partitioners } from 'kafkajs'
import { expect, it } from 'vitest'
import { murmur2, partitionOf } from './partition-of.ts'

const encoder = new TextEncoder()

// org.apache.kafka.common.utils.Utils of kafka-clients 4.3.1, of the UTF-8 bytes; the first ones stand in Kafka's own
// UtilsTest too.
const JAVA: readonly (readonly [key: string, hash: number, of16: number, of7: number])[] = [
  ['21', -973932308, 12, 3],
  ['foobar', -790332482, 14, 0],
  ['a-little-bit-long-string', -985981536, 0, 1],
  ['a-little-bit-longer-string', -1486304829, 3, 0],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971, 13, 3],
  ['abc', 479470107, 11, 4],
  ['', 275646681, 9, 2],
  ['a', -1563381124, 12, 5],
  ['viewer-1', -426628826, 6, 1],
  ['Zoë', -1306457314, 14, 1],
  ['Sulisław', -2063973205, 11, 2],
  ['日本語', 1431860170, 10, 6],
  ['😀', 131881617, 1, 0],
  ['🎬 the 2nd', -1781866065, 15, 2],
  ['\0', 375494588, 12, 0],
  ['\u00ff\u0100\u07ff\u0800\uffff', 405690288, 0, 3],
]

it.each(JAVA)('puts %j where Java puts it', (key, hash, of16, of7) => {
  const bytes = encoder.encode(key)
  expect(murmur2(bytes)).toBe(hash)
  expect(partitionOf(bytes, 16)).toBe(of16)
  expect(partitionOf(bytes, 7)).toBe(of7)
})

it('puts every key where kafkajs puts it', () => {
  const kafkajs = Partitioners.DefaultPartitioner()
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.integer({ min: 1, max: 300 }),
      (key, count) => {
        const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
          partitionId,
          leader: 1,
          partitionErrorCode: 0,
          replicas: [],
          isr: [],
        }))
        const expected = kafkajs({ topic: 't', partitionMetadata, message: { key, value: null } })
        expect(partitionOf(Buffer.from(key), count)).toBe(expected)
      },
    ),
  )
})

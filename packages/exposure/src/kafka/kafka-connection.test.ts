import { expect, it } from 'vitest'
import { confluentLibrary } from './confluent-library.ts'
import { kafkajsLibrary } from './kafkajs-library.ts'

it.each([[[]], ['127.0.0.1:9092'], [['localhost']], [['a:9092,b:9092']], [undefined]])(
  'refuses brokers %j, which could be tried for ever',
  (brokers) => {
    for (const library of [kafkajsLibrary, confluentLibrary])
      expect(() => library({ brokers: brokers as never })).toThrow(/^brokers is .* Give a list of host:port/)
  },
)

it('takes names, IPv4 and IPv6', () => {
  const brokers = ['kafka-1:9092', '127.0.0.1:9092', '[::1]:9092']
  expect(() => [kafkajsLibrary({ brokers }), confluentLibrary({ brokers })]).not.toThrow()
})

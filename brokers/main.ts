// Starts Kafka for a human: prints where it is, stops on Ctrl-C.
import { parseArgs } from 'node:util'
import { startKafka } from './src/index.ts'

const USAGE = 'pnpm kafka [--brokers 1|3] [--topic NAME[:PARTITIONS]]…'
const TOPICS = ['exposures', 'outcomes'].flatMap((name) => [
  { topic: `fairtrial.${name}.v1`, partitions: 16 },
  { topic: `fairtrial.${name}.v1.dlq`, partitions: 1 },
])

const options = readOptions()
if (options === undefined) {
  console.error(USAGE)
  process.exit(2)
}
console.error('starting Kafka …')
const kafka = await startKafka({ brokers: options.brokers })
let isStopping = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (isStopping) return
    isStopping = true
    void kafka.stop().then(() => process.exit())
  })
}
await kafka.createTopics(options.topics)
console.log(`KAFKA_BROKERS=${kafka.brokers.join()}`)
for (const { topic, partitions } of options.topics) console.log(`${topic}  ${partitions} partitions`)
console.error('Ctrl-C stops it, and its data is gone.')

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { brokers: { type: 'string', default: '1' }, topic: { type: 'string', multiple: true } },
    })
    const brokers = { 1: 1, 3: 3 }[values.brokers] as 1 | 3 | undefined
    const topics = values.topic?.map((text) => {
      const [topic = '', partitions = '1'] = text.split(':')
      return { topic, partitions: Number(partitions) }
    })
    if (brokers === undefined || topics?.some(({ partitions }) => !(partitions > 0))) return undefined
    return { brokers, topics: topics ?? TOPICS }
  } catch {
    return undefined
  }
}

// Kafka for a human: starts it, prints where it is, stops it on Ctrl-C.
import { parseArgs } from 'node:util'
import { FAIRTRIAL_TOPICS } from './src/fairtrial-topics.ts'
import { archiveClasses, startKafka } from './src/kafka-cluster.ts'
import { compileMockCluster } from './src/mock-cluster.ts'

const USAGE = `pnpm kafka [--brokers 1|3]   starts Kafka with fairtrial's topics
pnpm kafka --prepare         fetches and compiles what the tests need, and starts nothing`

const options = readOptions()
if (options === undefined) {
  console.error(USAGE)
  process.exit(2)
}
if (options.prepare) {
  await archiveClasses()
  await compileMockCluster()
  console.error('Kafka and the mock cluster are in the cache')
} else {
  await run(options.brokers)
}

async function run(brokers: 1 | 3): Promise<void> {
  console.error('starting Kafka …')
  const kafka = await startKafka({ brokers })
  const stop = () => void kafka.stop().then(() => process.exit())
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
  // As the cluster of compose.yaml has it: when a record was received is said by the broker's clock.
  const config = { 'message.timestamp.type': 'LogAppendTime' }
  await kafka.createTopics(FAIRTRIAL_TOPICS.map((plan) => ({ ...plan, config })))
  console.log(`KAFKA_BROKERS=${kafka.brokers.join()}`)
  for (const { topic, partitions } of FAIRTRIAL_TOPICS) console.log(`${topic}  ${partitions} partitions`)
  console.error('Ctrl-C stops it and removes its data')
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { brokers: { type: 'string', default: '1' }, prepare: { type: 'boolean', default: false } },
    })
    const brokers = ({ 1: 1, 3: 3 } as const)[values.brokers]
    return brokers === undefined ? undefined : { brokers, prepare: values.prepare }
  } catch {
    return undefined
  }
}

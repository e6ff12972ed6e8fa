// Lands topics in a directory until it is killed: `BROKERS TOPICS-AS-JSON GROUP DIRECTORY LIBRARY`.
import { confluentLibrary } from '../src/kafka/confluent-library.ts'
import { kafkaSegments } from '../src/kafka/kafka-segments.ts'
import { kafkajsLibrary } from '../src/kafka/kafkajs-library.ts'
import type { LogTopics } from '../src/kafka/log-topics.ts'
import { confluentModule } from './confluent-module.ts'

const [list = '', topics = '', groupId = '', directory = '', library = ''] = process.argv.slice(2)
const brokers = list.split(',')
await kafkaSegments({
  library:
    library === 'confluent'
      ? confluentLibrary({ brokers, module: confluentModule() })
      : kafkajsLibrary({ brokers }),
  topics: JSON.parse(topics) as LogTopics,
  groupId,
  directory,
  sessionTimeoutMs: 1_000,
  commitMs: 20,
  lagMs: 500,
  // Many files, so that a kill meets the change from one to the next too.
  maximumSegmentBytes: 50_000,
})
console.log('ready')
// Whoever started it is gone.
process.stdin.on('end', () => process.exit()).resume()

// Lands topics in a directory until it is killed: `BROKERS TOPICS-AS-JSON GROUP DIRECTORY`.
import { kafkaSegments } from '../src/kafka/kafka-segments.ts'
import { kafkajsLibrary } from '../src/kafka/kafkajs-library.ts'
import type { LogTopics } from '../src/kafka/log-topics.ts'

const [brokers = '', topics = '', groupId = '', directory = ''] = process.argv.slice(2)
await kafkaSegments({
  library: kafkajsLibrary({ brokers: brokers.split(',') }),
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

// A service emits to Kafka, a consumer audits what has arrived: `pnpm kafka` starts a broker with the topics, and
// KAFKA_BROKERS says where it is. In production the two are programs of their own.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { topicsOf } from '@fairtrial/exposure/kafka'
import { auditTopics } from './consumer.ts'
import { serve } from './service.ts'

const brokers = (process.env['KAFKA_BROKERS'] ?? 'localhost:9092').split(',')
const topics = topicsOf(process.env['TOPIC_PREFIX'] ?? 'fairtrial')
const directory = await mkdtemp(join(tmpdir(), 'fairtrial-'))

await serve(brokers, topics)
await auditTopics(brokers, topics, directory)
await rm(directory, { recursive: true })

import { readFile } from 'node:fs/promises'
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { FAIRTRIAL_TOPICS } from './fairtrial-topics.ts'
import { readJarLock } from './jars.ts'
import { kafkaForTests } from './kafka-for-tests.ts'

interface Service {
  image: string
  ports?: string[]
  environment: Record<string, string | number>
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
  volumes?: string[]
}

const text = await readFile(new URL('../../compose.yaml', import.meta.url), 'utf8')
const compose = parse(text) as { services: Record<'kafka' | 'topics', Service>; volumes: object }
const { kafka: node, topics } = compose.services

/** `NAME://host:port` by its name. */
function listeners(value: string | number | undefined): Record<string, string> {
  return Object.fromEntries(`${value}`.split(',').map((each) => each.split('://') as [string, string]))
}

describe('compose.yaml', () => {
  it('runs the version that the tests run on', async () => {
    const { version } = await readJarLock()
    expect([node.image, topics.image]).toEqual([`apache/kafka:${version}`, `apache/kafka:${version}`])
  })

  it('has listeners that fit each other and the published port', () => {
    const { environment } = node
    const listening = listeners(environment.KAFKA_LISTENERS)
    const advertised = listeners(environment.KAFKA_ADVERTISED_LISTENERS)
    const protocols = `${environment.KAFKA_LISTENER_SECURITY_PROTOCOL_MAP}`
      .split(',')
      .map((each) => each.split(':')[0])
    const controller = `${environment.KAFKA_CONTROLLER_LISTENER_NAMES}`
    expect(new Set(protocols)).toEqual(new Set(Object.keys(listening)))
    expect(new Set([...Object.keys(advertised), controller])).toEqual(new Set(protocols))
    for (const [name, address] of Object.entries(advertised))
      expect(listening[name]).toBe(`:${address.split(':')[1]}`)
    expect(`${environment.KAFKA_CONTROLLER_QUORUM_VOTERS}`).toBe(`1@kafka${listening[controller]}`)
    expect(advertised[`${environment.KAFKA_INTER_BROKER_LISTENER_NAME}`]).toBe('kafka:19092')
    expect(node.ports).toEqual([`127.0.0.1:${advertised.HOST!.split(':')[1]}${listening.HOST}`])
    expect(node.healthcheck!.test).toContain('kafka:19092')
  })

  it('has a cluster id of 16 bytes, and a volume under the data', () => {
    expect(Buffer.from(`${node.environment.CLUSTER_ID}`, 'base64url')).toHaveLength(16)
    expect(node.volumes).toEqual([`kafka-data:${node.environment.KAFKA_LOG_DIRS}`])
    expect(Object.keys(compose.volumes)).toContain('kafka-data')
  })

  it('makes the topics when the node is healthy', () => {
    expect(topics.depends_on).toEqual({ kafka: { condition: 'service_healthy' } })
    const names = `${topics.environment.TOPICS}`.split(' ')
    const plans = names.map((topic) => ({ topic, partitions: topics.environment.PARTITIONS }))
    expect(plans).toEqual(FAIRTRIAL_TOPICS)
  })
})

const kafka = await kafkaForTests()

describe.skipIf(kafka.isMissing)('compose.yaml, held against a broker', () => {
  it('sets only what this Kafka knows', async () => {
    const admin = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    const { brokers } = await admin.describeCluster()
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.BROKER, name: `${brokers[0]!.nodeId}` }],
    })
    await admin.disconnect()
    const known = resources[0]!.configEntries.map(({ configName }) => configName)
    const used = Object.keys(node.environment).filter((name) => name.startsWith('KAFKA_'))
    // The rule of the image.
    const properties = used.map((name) => name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.'))
    expect(properties.filter((name) => !known.includes(name))).toEqual([])
  })
})

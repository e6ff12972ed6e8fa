// The global setup of vitest: lends one Kafka to all test files of a run. It is started when the first one asks, and
// stops with the run.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connectKafka } from './connect-kafka.ts'
import { readJarLock } from './jars.ts'
import { findJava } from './java.ts'
import type { Kafka } from './kafka.ts'
import type { TestBrokers } from './kafka-for-tests.ts'
import { TEST_BROKERS } from './kafka-for-tests.ts'
import { findMockTools } from './mock-cluster.ts'

/** Says once, before the tests, what cannot run. On a machine of CI everything must. */
export async function setup(): Promise<() => Promise<void>> {
  const java = findJava((await readJarLock()).java)
  const missing: TestBrokers['missing'] = {}
  if ('missing' in java) missing.java = java.missing
  const tools = findMockTools()
  if ('missing' in tools) missing.mock = tools.missing
  announce(missing)

  let kafka: Promise<Kafka> | undefined
  const server = createServer((_, response) => {
    kafka ??= connectKafka()
    kafka.then(
      ({ brokers }) => response.end(JSON.stringify({ brokers })),
      (error) => response.writeHead(500).end(`${error}`),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const found: TestBrokers = { door: `http://127.0.0.1:${port}`, missing }
  process.env[TEST_BROKERS] = JSON.stringify(found)
  return async () => {
    server.close()
    await (await kafka?.catch(() => undefined))?.stop()
  }
}

function announce(missing: TestBrokers['missing']): void {
  const onKafka = process.env.KAFKA_BROKERS ? 'the tests that kill brokers' : 'the tests on real Kafka'
  const lines = [
    ...(missing.java === undefined ? [] : [`${missing.java}: ${onKafka}`]),
    ...(missing.mock === undefined ? [] : [`${missing.mock}: the tests on the mock cluster`]),
  ]
  if (lines.length === 0) return
  if (process.env.CI === 'true')
    throw new Error(`${lines.join(', ')} cannot run; .ci/run installs what they need`)
  console.error(`\n${lines.map((line) => `!! ${line} are LEFT OUT.\n`).join('')}`)
}

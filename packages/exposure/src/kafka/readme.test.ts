import { readFileSync } from 'node:fs'
import { format } from 'node:util'
import { createTopics, kafkaForTests, uniqueTopic } from '@fairtrial/brokers'
import { expect, it, vi } from 'vitest'
import * as exposure from '../index.ts'
import * as testing from '../testing/index.ts'
import * as kafkaNames from './index.ts'

const kafka = await kafkaForTests()

it.skipIf(kafka.isMissing)('the Kafka program in the README prints what stands beneath it', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const section = readme.slice(readme.indexOf('## Kafka\n'))
  const [, program, output] = /```ts\n(.*?)```\n\n```text\n(.*?)```/s.exec(section)!
  const prefix = uniqueTopic('readme')
  await createTopics(
    kafka.brokers,
    Object.values(kafkaNames.topicsOf(prefix)).map((topic) => ({ topic, partitions: 4 })),
  )
  const body = program!
    .replace(/^import .*$/gm, '')
    .replace("'127.0.0.1:9092'", `...${JSON.stringify(kafka.brokers)}`)
    .replace("topicsOf('fairtrial')", `topicsOf('${prefix}')`)
  const printed: string[] = []
  const log = vi
    .spyOn(console, 'log')
    .mockImplementation((...values) => void printed.push(`${format(...values)}\n`))
  try {
    const names = { ...exposure, ...kafkaNames, ...testing }
    // oxlint-disable-next-line typescript/no-implied-eval -- the program is the README's own
    await new Function(...Object.keys(names), `return (async () => {${body}})()`)(...Object.values(names))
  } finally {
    log.mockRestore()
  }
  expect(printed.join('')).toBe(output)
})

import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createTopics, kafkaForTests, uniqueTopic } from '../brokers/src/index.ts'

const examples = fileURLToPath(new URL('.', import.meta.url))
const names = readdirSync(examples, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

/** Examples that speak to a broker. */
const onKafka = names.filter((name) => name.startsWith('kafka-'))
const kafka = await kafkaForTests()

async function environmentOf(name: string): Promise<NodeJS.ProcessEnv> {
  if (!onKafka.includes(name)) return process.env
  const prefix = uniqueTopic(name)
  const topics = ['exposures', 'outcomes', 'summaries'].map((kind) => `${prefix}.${kind}.v1`)
  await createTopics(
    kafka.brokers,
    topics.map((topic) => ({ topic, partitions: 4 })),
  )
  return { ...process.env, KAFKA_BROKERS: kafka.brokers.join(), TOPIC_PREFIX: prefix }
}

describe('examples', () => {
  const runnable = names.filter((name) => !(kafka.isMissing && onKafka.includes(name)))
  it.each(runnable)('%s prints what stands beside it', async (name) => {
    const program = ['--conditions=@fairtrial/source', '--import', 'tsx', `${examples}${name}/main.ts`]
    const { stdout } = await promisify(execFile)(process.execPath, program, {
      cwd: `${examples}${name}`,
      env: await environmentOf(name),
    })
    expect(stdout).toBe(await readFile(`${examples}${name}/output.txt`, 'utf8'))
  })

  it.each(names)('%s is short enough to copy', async (name) => {
    for (const file of readdirSync(`${examples}${name}`).filter((each) => each.endsWith('.ts'))) {
      const source = await readFile(`${examples}${name}/${file}`, 'utf8')
      expect(source.split('\n').length).toBeLessThanOrEqual(61)
    }
  })
})

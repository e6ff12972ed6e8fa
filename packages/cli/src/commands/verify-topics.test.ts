import { readFileSync, writeFileSync } from 'node:fs'
import { createTopics, kafkaForTests, uniqueTopic } from '@fairtrial/brokers'
import { topicsOf } from '@fairtrial/exposure/kafka'
import type { LockedInput, LogEvent } from '@fairtrial/protocol'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith, NOW } from '../../test/terminal.ts'
import { trial } from '../../test/trial.ts'
import { viewers } from '../../test/viewers.ts'
import { readTopics } from '../topics-log.ts'

const PARTITIONS = 3
/** When they were exposed. */
const SENT_AT = NOW - 7_200_000
const kafka = await kafkaForTests()
const client = new Kafka({
  brokers: [...kafka.brokers],
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 50 },
})

/** Appends events, one after the other over the partitions, sent at a given time. */
async function send(prefix: string, events: readonly LogEvent[], sentAt = SENT_AT): Promise<void> {
  const topics = topicsOf(prefix)
  // A broker that does not lead one partition yet is given all of them again: by their numbers it stores none twice.
  const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  try {
    const isExposure = ({ schema }: LogEvent) => schema === 'fairtrial.exposure/1'
    for (const topic of [topics.exposures, topics.outcomes]) {
      const messages = events
        .filter((event) => isExposure(event) === (topic === topics.exposures))
        .map((event, i) => ({
          value: JSON.stringify(event),
          partition: i % PARTITIONS,
          timestamp: `${sentAt + i}`,
        }))
      await producer.send({ topic, messages, acks: -1 })
    }
  } finally {
    await producer.disconnect()
  }
}

async function withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = client.admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

async function makeTopics(prefix: string): Promise<void> {
  const topics = Object.values(topicsOf(prefix))
  await createTopics(
    kafka.brokers,
    topics.map((topic) => ({ topic, partitions: PARTITIONS })),
  )
}

/** The topics with the same names, and nothing in them. */
async function makeAnew(prefix: string): Promise<void> {
  const topics = Object.values(topicsOf(prefix))
  await withAdmin((admin) => admin.deleteTopics({ topics }))
  const isGone = () =>
    withAdmin((admin) => admin.listTopics()).then((there) => topics.every((topic) => !there.includes(topic)))
  await expect.poll(isGone, { timeout: 20_000 }).toBe(true)
  await makeTopics(prefix)
}

/** Two hundred viewers in topics, and the analysis of them, locked. */
async function locked() {
  const prefix = uniqueTopic('lock')
  await makeTopics(prefix)
  await send(prefix, viewers(0, 200))
  const path = folderWith({ 'trial.json': JSON.stringify(trial) })
  const brokers = kafka.brokers.join()
  const analysis = ['analyze', path('trial.json'), '--kafka', brokers, '--topic-prefix', prefix]
  const { code, stdout, stderr } = await fairtrial([...analysis, '--lock', path('evaluation.lock'), '--json'])
  expect({ code, stderr }).toEqual({ code: 4, stderr: '' })
  return {
    prefix,
    brokers,
    answer: stdout,
    exposures: topicsOf(prefix).exposures,
    lockFile: path('evaluation.lock'),
    lock: JSON.parse(readFileSync(path('evaluation.lock'), 'utf8')),
    verify: (...args: string[]) => fairtrial(['verify', path('evaluation.lock'), ...args]),
  }
}

/** What is said of the data, without the answer. */
const inputsIn = ({ document }: Awaited<ReturnType<typeof fairtrial>>): string[] =>
  document.changes
    .filter(({ what }: { what: string }) => what === 'input')
    .map(({ detail }: { detail: string }) => detail)

describe.skipIf(kafka.isMissing)('verify of topics', () => {
  it('makes the same answer again, byte for byte, from the offsets that were read', async () => {
    const { prefix, exposures, lock, answer, verify } = await locked()
    expect(`${JSON.stringify(lock.document.content, null, 2)}\n`).toBe(answer)
    expect(lock.options).toMatchObject({ kafka: kafka.brokers, topicPrefix: prefix, asOf: NOW })
    expect(lock.inputs).toHaveLength(3 * PARTITIONS)
    expect(lock.inputs[1]).toEqual({
      source: `${exposures}/1`,
      from: 0,
      upTo: 67,
      sha256: expect.stringMatching(/^[\da-f]{64}$/),
      lastAt: SENT_AT + 199,
    })
    // What has come since is not what was analyzed, nor are partitions that were not there.
    await send(prefix, viewers(200, 300))
    await withAdmin((admin) =>
      admin.createPartitions({ topicPartitions: [{ topic: exposures, count: PARTITIONS + 2 }] }),
    )
    const { code, document } = await verify('--json')
    expect(document).toEqual({
      schema: 'fairtrial.verification/1',
      verified: true,
      sha256: lock.document.sha256,
      changes: [],
    })
    expect(code).toBe(0)
  })

  it('says which offsets are no longer retained, and what that does to the answer', async () => {
    const { exposures, verify } = await locked()
    await withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(exposures)
      await admin.deleteTopicRecords({ topic: exposures, partitions: [{ partition: 2, offset: '5' }] })
    })
    const verification = await verify('--json')
    expect(verification.code).toBe(5)
    expect(inputsIn(verification)).toEqual([
      `${exposures}/2 no longer has offsets 0 to 4: they were deleted, as its retention says.`,
    ])
    expect((await verify()).stdout).toMatch(/answer +units\.\S+ was \d+, and is \d+/)
  })

  it('begins where the log began, be its beginning deleted before', async () => {
    const { prefix, exposures } = await locked()
    await withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(exposures)
      await admin.deleteTopicRecords({ topic: exposures, partitions: [{ partition: 2, offset: '5' }] })
    })
    const path = folderWith({ 'trial.json': JSON.stringify(trial) })
    const brokers = kafka.brokers.join()
    const place = ['--kafka', brokers, '--topic-prefix', prefix]
    await fairtrial(['analyze', path('trial.json'), ...place, '--lock', path('later.lock')])
    const { inputs } = JSON.parse(readFileSync(path('later.lock'), 'utf8'))
    expect(inputs[2]).toMatchObject({ source: `${exposures}/2`, from: 5, upTo: 66 })
    expect(await fairtrial(['verify', path('later.lock')])).toMatchObject({ code: 0 })
  })

  it('says that topics were made anew, be they shorter or longer than what was read', async () => {
    const { prefix, exposures, verify } = await locked()
    await makeAnew(prefix)
    await send(prefix, viewers(0, 3))
    const shorter = await verify('--json')
    expect(shorter.code).toBe(5)
    expect(inputsIn(shorter)[0]).toBe(
      `${exposures}/0 ends at offset 1, and was read up to 67: the topic was made anew, or cut.`,
    )
    await send(prefix, viewers(3, 400), SENT_AT + 60_000)
    const longer = await verify('--json')
    expect(inputsIn(longer)[0]).toBe(
      `${exposures}/0 has another record before offset 67: the topic was made anew.`,
    )
  })

  it('takes a copy for what it is, and finds one value that is not the same', async () => {
    const { prefix, exposures, verify } = await locked()
    await makeAnew(prefix)
    await send(prefix, viewers(0, 200))
    expect(await verify()).toMatchObject({ code: 0 })
    await makeAnew(prefix)
    const [first, ...rest] = viewers(0, 200)
    await send(prefix, [{ ...first!, sdk: 'test/2' }, ...rest])
    expect(inputsIn(await verify('--json'))).toEqual([
      `${exposures}/0 has other records from offset 0 to 66: some were changed, or compacted away.`,
    ])
  })

  it('says that a topic is gone', async () => {
    const { exposures, verify } = await locked()
    await withAdmin((admin) => admin.deleteTopics({ topics: [exposures] }))
    const gone = await verify('--json')
    expect(gone).toMatchObject({ code: 5, document: { verified: false, sha256: null } })
    expect(gone.document.changes).toEqual([
      { what: 'analysis', detail: expect.stringContaining(`Kafka has no topic ${exposures}`) },
    ])
  })

  it('exits 6 where no broker answers, which says nothing of the data, and takes other brokers', async () => {
    const { lockFile, lock, brokers, verify } = await locked()
    writeFileSync(lockFile, JSON.stringify({ ...lock, options: { ...lock.options, kafka: ['127.0.0.1:1'] } }))
    expect(await verify()).toMatchObject({ code: 6, stdout: '' })
    expect(await verify('--kafka', brokers)).toMatchObject({ code: 0 })
  })

  it('reads in one order, whatever the broker gives first, and however many steps it takes', async () => {
    const { prefix } = await locked()
    const read = async (recordsAtOnce?: number) => {
      const ids: string[] = []
      let partitions: readonly LockedInput[] = []
      let portions = 0
      const place = { kafka: kafka.brokers, topicPrefix: prefix }
      for await (const portion of readTopics(place, recordsAtOnce === undefined ? {} : { recordsAtOnce })) {
        ids.push(...portion.events.map(({ sequence }) => String(sequence)))
        partitions = portion.partitions
        portions++
      }
      return { ids, partitions, portions }
    }
    const whole = await read()
    const all = viewers(0, 200)
    const byPartition = (schema: string) =>
      [0, 1, 2].flatMap((p) =>
        all.filter((event) => event.schema === schema).filter((_, i) => i % PARTITIONS === p),
      )
    const inOrder = [...byPartition('fairtrial.exposure/1'), ...byPartition('fairtrial.outcome/1')]
    expect(whole.ids).toEqual(inOrder.map(({ sequence }) => String(sequence)))
    const stepped = await read(100)
    expect(stepped.portions).toBe(4)
    expect(stepped.partitions).toEqual(whole.partitions)
    expect(stepped.ids.toSorted()).toEqual(whole.ids.toSorted())
    expect((await read(100)).ids).toEqual(stepped.ids)
  })
})

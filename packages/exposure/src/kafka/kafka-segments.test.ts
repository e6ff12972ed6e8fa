import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kafkaForTests } from '@fairtrial/brokers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { confluentModule } from '../../test/confluent-module.ts'
import {
  bareClient,
  deleteBefore,
  makeTopics,
  messageOf,
  sendTo,
  withProducer,
} from '../../test/kafka-client.ts'
import { landedIn } from '../../test/landed-in.ts'
import { storedIn } from '../../test/stored-in-topic.ts'
import { readSegments } from '../segments/index.ts'
import { sampleExposure, sampleOutcome } from '../testing/index.ts'
import { confluentLibrary } from './confluent-library.ts'
import type { KafkaLibrary } from './kafka-library.ts'
import { type KafkaSegments, type KafkaSegmentsOptions, kafkaSegments } from './kafka-segments.ts'
import { kafkajsLibrary } from './kafkajs-library.ts'
import type { LandingNotice } from './landing-notice.ts'
import type { LogTopics } from './log-topics.ts'

const kafka = await kafkaForTests()
const { brokers } = kafka
let directory: string
let notices: LandingNotice[]
const open: KafkaSegments[] = []
const module = confluentModule()
/** Of the case that runs. */
let library: KafkaLibrary

const LIBRARIES: Record<string, () => KafkaLibrary> = {
  kafkajs: () => kafkajsLibrary({ brokers }),
  ...(module !== undefined && { confluent: () => confluentLibrary({ brokers, module }) }),
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairtrial-landing-'))
  notices = []
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((landing) => landing.close()))
  rmSync(directory, { recursive: true, force: true })
})

async function land(topics: LogTopics, more: Partial<KafkaSegmentsOptions> = {}): Promise<KafkaSegments> {
  const landing = await kafkaSegments({
    library,
    directory,
    groupId: topics.exposures,
    topics,
    lagMs: 50,
    commitMs: 50,
    sessionTimeoutMs: 6_000,
    onNotice: (notice) => notices.push(notice),
    ...more,
  })
  open.push(landing)
  return landing
}

const exposure = (sequence: number) => sampleExposure({ sequence, unitId: `Zoë ${sequence}` })
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)
const send = (topics: LogTopics, numbers: readonly number[], partitions = 4) =>
  sendTo(
    brokers,
    topics.exposures,
    numbers.map((n) => messageOf(exposure(n), n % partitions)),
  )
const landed = () =>
  landedIn(directory)
    .events.map(({ sequence }) => sequence)
    .toSorted((a, b) => a - b)
const waitFor = (n: number) => expect.poll(() => landed().length, { timeout: 30_000, interval: 25 }).toBe(n)

describe.skipIf(kafka.isMissing).each(Object.entries(LIBRARIES))('kafkaSegments by %s', (_, openLibrary) => {
  beforeEach(() => {
    library = openLibrary()
  })

  it('lands each partition in files of its own, that readSegments reads, with where each event comes from', async () => {
    const topics = await makeTopics(kafka)
    const landing = await land(topics)
    await send(topics, upTo(20))
    await sendTo(brokers, topics.outcomes, [messageOf(sampleOutcome({ sequence: 21 }), 2)])
    await waitFor(21)
    expect(readdirSync(directory).filter((name) => name.endsWith('.ndjson'))).toEqual(
      [0, 1, 2, 3]
        .map((p) => `${topics.exposures}-${p}.000001.ndjson`)
        .concat(`${topics.outcomes}-2.000001.ndjson`)
        .toSorted(),
    )
    const { events, unreadable } = await readSegments(directory)
    expect(events).toHaveLength(21)
    expect(unreadable.count).toBe(0)
    expect(events.find(({ sequence }) => sequence === 7)).toEqual({
      ...exposure(7),
      receivedAt: expect.any(Number),
      kafka: { topic: topics.exposures, partition: 3, offset: 1 },
    })
    await expect.poll(() => landing.counts()).toEqual({ events: 21, poison: 0, lost: 0 })
    // The first group of a cluster that has just started may find its coordinator loading, and begins again.
    expect(notices.filter(({ kind }) => kind !== 'starting')).toEqual([])
  })

  it('is through with a topic that ends with the marks of transactions, or with what was taken back', async () => {
    const topics = await makeTopics(kafka, 1)
    const landing = await land(topics)
    await withProducer(
      brokers,
      async (producer) => {
        for (const [n, ending] of [
          [1, 'commit'],
          [2, 'abort'],
        ] as const) {
          const transaction = await producer.transaction()
          await transaction.send({ topic: topics.exposures, messages: [messageOf(exposure(n), 0)] })
          await transaction[ending]()
        }
      },
      { transactionalId: topics.exposures, maxInFlightRequests: 1, idempotent: true },
    )
    const lag = () => landing.lag().find(({ topic }) => topic === topics.exposures)
    await expect.poll(lag, { timeout: 30_000 }).toMatchObject({ position: 4, lag: 0 })
    expect(landed()).toEqual([1])
    await send(topics, [3], 1)
    await waitFor(2)
  })

  it('tells the lag of each partition, to a hook too, and commits what has landed', async () => {
    const topics = await makeTopics(kafka, 2)
    await send(topics, upTo(10), 2)
    const told: number[] = []
    const landing = await land(topics, {
      onLag: (lags) => void told.push(lags.reduce((sum, { lag }) => sum + lag, 0)),
    })
    await waitFor(10)
    await expect.poll(() => told.at(-1), { timeout: 20_000 }).toBe(0)
    expect(landing.lag().filter(({ topic }) => topic === topics.exposures)).toEqual(
      [0, 1].map((partition) => ({ topic: topics.exposures, partition, position: 5, lag: 0 })),
    )
    const admin = bareClient(brokers).admin()
    await admin.connect()
    const committed = () => admin.fetchOffsets({ groupId: topics.exposures, topics: [topics.exposures] })
    await expect
      .poll(async () => (await committed())[0]?.partitions.map(({ offset }) => offset), { timeout: 20_000 })
      .toEqual(['5', '5'])
    await admin.disconnect()
  })

  it('FAULTS 41: goes on behind the last complete line, whatever the group has committed and wherever a line is torn', async () => {
    const topics = await makeTopics(kafka, 1)
    const first = await land(topics)
    await send(topics, upTo(10), 1)
    await waitFor(10)
    await first.close()
    // A power cut took what the group knows of: the directory is right, not the group.
    const path = join(directory, `${topics.exposures}-0.000001.ndjson`)
    const text = readFileSync(path, 'utf8')
    const lineStart = text.indexOf('"offset":6}}\n') + '"offset":6}}\n'.length
    truncateSync(path, Buffer.byteLength(text.slice(0, lineStart)) + 40)
    await send(topics, [11], 1)
    await land(topics)
    await waitFor(11)
    expect(landed()).toEqual(upTo(11))
    expect(notices.map(({ kind }) => kind)).toEqual(['directory-behind'])
  })

  it('knows its own directory again, whichever library committed for it', async () => {
    const topics = await makeTopics(kafka, 1)
    await send(topics, upTo(3), 1)
    for (const openLibrary of Object.values(LIBRARIES)) {
      const landing = await land(topics, { library: openLibrary() })
      await waitFor(3)
      const admin = bareClient(brokers).admin()
      await admin.connect()
      const committed = () => admin.fetchOffsets({ groupId: topics.exposures, topics: [topics.exposures] })
      await expect
        .poll(async () => (await committed())[0]?.partitions[0]?.offset, { timeout: 20_000 })
        .toBe('3')
      await admin.disconnect()
      await landing.close()
      // What it had is gone: it is to be read again, and not taken for another's.
      rmSync(directory, { recursive: true })
    }
    await land(topics)
    await waitFor(3)
  })

  it('continues in the next file where one is full, and after one that was made and not written', async () => {
    const topics = await makeTopics(kafka, 1)
    const first = await land(topics, { maximumSegmentBytes: 2_000 })
    for (const n of upTo(6)) {
      await send(topics, [n], 1)
      await waitFor(n)
    }
    await first.close()
    const files = readdirSync(directory).filter((name) => name.endsWith('.ndjson'))
    expect(files.length).toBeGreaterThan(1)
    writeFileSync(join(directory, `${topics.exposures}-0.000099.ndjson`), '')
    await send(topics, [7], 1)
    await land(topics)
    await waitFor(7)
    expect(landed()).toEqual(upTo(7))
  })

  it('FAULTS 39: puts poison into the dead letters with why and where, marks it, and goes on', async () => {
    const topics = await makeTopics(kafka, 1, { 'max.message.bytes': 4_000_000 })
    const dlq = `${topics.exposures}.dlq`
    const admin = bareClient(brokers).admin()
    await admin.connect()
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: dlq }] })
    await admin.disconnect()
    const poison = {
      tombstone: null,
      'invalid-json': '{"schema":',
      'wrong-schema': '{"schema":"fairtrial.exposure/9"}',
      'invalid-utf8': Buffer.from([0x22, 0xff, 0x22]),
      'too-deep': '['.repeat(100_000) + ']'.repeat(100_000),
      'not-finite': JSON.stringify(exposure(1)).replace(/"exposedAt":\d+/, '"exposedAt":1e999'),
      oversized: JSON.stringify('x'.repeat(2_000_000)),
    }
    await sendTo(
      brokers,
      topics.exposures,
      Object.values(poison).flatMap((value, i) => [
        { key: 'k', value, partition: 0 },
        messageOf(exposure(i + 1)),
      ]),
    )
    const landing = await land(topics)
    await waitFor(7)
    expect(landed()).toEqual(upTo(7))
    await expect.poll(() => landing.counts()).toMatchObject({ events: 7, poison: 7 })
    const { unreadable } = await readSegments(directory)
    expect(unreadable.count).toBe(7)
    const markers = landedIn(directory).markers
    expect(
      markers.map(({ poison: told, kafka: { offset } }) => [told?.reason, told?.deadLetter, offset]),
    ).toEqual(Object.keys(poison).map((reason, i) => [reason, true, 2 * i]))
    const letters = await storedIn(brokers, dlq)
    expect(letters.map(({ headers }) => headers)).toEqual(
      Object.keys(poison).map((reason, i) => ({
        reason,
        topic: topics.exposures,
        partition: '0',
        offset: `${2 * i}`,
        timestamp: expect.any(String),
      })),
    )
    expect(letters[1]?.value).toBe(poison['invalid-json'])
    // The topic of dead letters takes no more than 1 MB: the letter says where the record stands.
    expect(letters[6]?.value).toBe(null)
    // Once more from the files alone: nothing is read or lettered twice.
    await landing.close()
    await send(topics, [8], 1)
    await land(topics)
    await waitFor(8)
    expect(landed()).toEqual(upTo(8))
    expect(await storedIn(brokers, dlq)).toHaveLength(7)
  })

  it('FAULTS 39: is held up by no topic of dead letters that is not there', async () => {
    const topics = await makeTopics(kafka, 1)
    await sendTo(brokers, topics.exposures, [
      { value: '{', partition: 0 },
      messageOf(exposure(1)),
      { value: '[', partition: 0 },
      messageOf(exposure(2)),
    ])
    await land(topics)
    await waitFor(2)
    expect(notices.map(({ kind }) => kind)).toEqual(['poison', 'dead-letters-failed', 'poison'])
    expect(landedIn(directory).markers.map(({ poison }) => poison?.deadLetter)).toEqual([false, false])
  })

  it('FAULTS 37: keeps an event of an absurd time, with the time at which it was received beside it', async () => {
    const topics = await makeTopics(kafka, 1)
    const times = [0, Date.UTC(2036, 0), -1, Date.now() + 6 * 60_000]
    const before = Date.now()
    await sendTo(
      brokers,
      topics.exposures,
      times.map((exposedAt, i) => messageOf({ ...exposure(i + 1), exposedAt })),
    )
    await land(topics)
    await waitFor(4)
    for (const [i, event] of landedIn(directory).events.entries()) {
      expect(event).toMatchObject({ exposedAt: times[i] })
      expect(event.receivedAt).toBeGreaterThanOrEqual(before)
      expect(event.receivedAt).toBeLessThanOrEqual(Date.now())
    }
  })

  it('FAULTS 35: lands late and out of order what came so, each with its own time', async () => {
    const topics = await makeTopics(kafka, 1)
    const day = 86_400_000
    const times = [40, 10, 39, 9].map((days) => days * day)
    await sendTo(
      brokers,
      topics.exposures,
      times.map((exposedAt, i) => messageOf({ ...exposure(i + 1), exposedAt })),
    )
    await land(topics)
    await waitFor(4)
    expect(landedIn(directory).events.map((event) => ('exposedAt' in event ? event.exposedAt : 0))).toEqual(
      times,
    )
  })

  it('tells what was deleted before it was read, marks it, and goes on', async () => {
    const topics = await makeTopics(kafka, 1)
    const first = await land(topics)
    await send(topics, upTo(3), 1)
    await waitFor(3)
    await first.close()
    await send(topics, upTo(9).slice(3), 1)
    await deleteBefore(brokers, topics.exposures, 7)
    const landing = await land(topics)
    await waitFor(5)
    expect(landed()).toEqual([1, 2, 3, 8, 9])
    expect(notices).toMatchObject([
      { kind: 'lost', detail: expect.stringContaining('offsets 3 to 6 were deleted') },
    ])
    await expect.poll(() => landing.counts()).toEqual({ events: 2, poison: 0, lost: 4 })
    expect(landedIn(directory).markers).toMatchObject([{ lost: { from: 3, until: 7 } }])
  })

  it('ends, and says why, where the topic was made anew', async () => {
    const topics = await makeTopics(kafka, 1)
    writeFileSync(
      join(directory, `${topics.exposures}-0.000001.ndjson`),
      `{"kafka":{"topic":"${topics.exposures}","partition":0,"offset":99}}\n`,
    )
    const landing = await land(topics)
    await expect(landing.ended).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('ends at offset 0: the topic was made anew'),
    })
  })

  it('FAULTS 41: shares its directory with nobody: each member of a group has one of its own', async () => {
    const topics = await makeTopics(kafka, 1)
    const first = await land(topics)
    await expect(land(topics)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('a directory of its own'),
    })
    await first.close()
    await land(topics)
  })

  it('does not go on behind a line that it did not write', async () => {
    const topics = await makeTopics(kafka, 1)
    writeFileSync(join(directory, `${topics.exposures}-0.000001.ndjson`), `${JSON.stringify(exposure(1))}\n`)
    await expect(land(topics)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('did not write it'),
    })
  })
})

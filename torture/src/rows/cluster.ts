import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type KafkaCluster, missingForKafka, startKafka } from '@fairtrial/brokers'
import type { Account } from '@fairtrial/exposure'
import { seededRandom } from '@fairtrial/exposure/testing'
import { readAcknowledged } from '../acknowledged-file.ts'
import { Reborn } from '../reborn.ts'
import type { ConsumerOptions } from '../consumer.ts'
import type { ProducerOptions } from '../producer.ts'
import type { Row, Setting, Suffering } from '../row.ts'
import { readLanded, type Landed } from '../landed.ts'

const TOPICS = ['fairtrial.exposures.v1', 'fairtrial.outcomes.v1', 'fairtrial.summaries.v1']
const PER_SECOND = 5_000

/** Everything at once: brokers killed in turn, the producer and the consumer at random. */
export const cluster: Row = {
  name: 'cluster',
  faults: [22, 25, 28, 29, 33, 34, 41],
  missing: missingForKafka,
  run: async (setting) => {
    const folder = await mkdtemp(join(tmpdir(), 'fairtrial-torture-'))
    // A group notices sooner that a member is dead than Kafka allows by default.
    const properties = { 'group.min.session.timeout.ms': 500 }
    const kafka = await startKafka({ brokers: 3, properties })
    try {
      await kafka.createTopics(TOPICS.map((topic) => ({ topic, partitions: 16 })))
      return await torture(kafka, folder, setting)
    } finally {
      await kafka.stop()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function torture(kafka: KafkaCluster, folder: string, setting: Setting): Promise<Suffering> {
  const kills = setting.isShort ? 2 : 20
  const random = seededRandom(setting.seed)
  const acknowledged = join(folder, 'acknowledged')
  const log = join(folder, 'log')
  const began = Date.now()

  const producing: ProducerOptions = {
    brokers: kafka.brokers,
    spool: join(folder, 'spool'),
    acknowledged,
    unitPrefix: '',
    perSecond: setting.isShort ? PER_SECOND / 5 : PER_SECOND,
  }
  const consuming: ConsumerOptions = {
    brokers: kafka.brokers,
    directory: log,
    group: 'torture',
    diesAt: null,
  }
  const producer = new Reborn(
    'producer.ts',
    (life): ProducerOptions => ({
      ...producing,
      unitPrefix: `viewer-${life}-`,
    }),
  )
  // Between store and commit: the consumer kills itself there, after so many stores.
  const consumer = new Reborn(
    'consumer.ts',
    (life): ConsumerOptions => ({
      ...consuming,
      diesAt: life < kills ? 1 + Math.floor(random() * 3) : null,
    }),
  )
  let isOver = false
  const brokersDie = killBrokersInTurn(kafka, () => isOver, setting)
  await producer.begin()
  await consumer.begin()
  for (let kill = 1; kill <= kills; kill++) {
    await wait(2_000 + random() * 8_000)
    await producer.kill()
    setting.progress(`producer killed ${kill} of ${kills}; consumer died ${consumer.deaths} times`)
  }
  await consumer.hasDied(kills)
  isOver = true
  const brokerKills = await brokersDie

  const last = (await producer.stop()) as { account: Account }
  const seconds = Math.round((Date.now() - began) / 1_000)
  setting.progress('all is sent; the consumer catches up')
  await consumer.stop()
  const landed = await readLanded(log)
  const promised = readAcknowledged(acknowledged)
  const lost = [...promised].filter((unitId) => !landed.units.has(unitId)).length
  return {
    done: `${landed.units.size.toLocaleString('en-US')} units in ${seconds} s, ${producing.perSecond.toLocaleString('en-US')}/s while alive; ${brokerKills} brokers, ${kills} producers, ${kills} consumers killed`,
    acknowledged: promised.size,
    lost,
    doubled: landed.storedTwice + landed.countedTwice,
    wrong: [...accountFaults(last.account, landed), ...landed.findings],
  }
}

/** The account over all lives against what has landed: nothing is delivered that is not there, and nothing is there unaccounted. */
function accountFaults(
  { offered, delivered, deduplicated, dropped, pending, exposures }: Account,
  landed: Landed,
) {
  const lost = Object.values(dropped).reduce((sum, n) => sum + n, 0)
  const wrong: string[] = []
  if (offered !== delivered + deduplicated + lost + pending)
    wrong.push(`${offered} offered are not ${delivered} + ${deduplicated} + ${lost} + ${pending}.`)
  if (pending !== 0) wrong.push(`${pending} events are pending at the end.`)
  if (exposures.delivered !== landed.units.size)
    wrong.push(
      `${exposures.delivered} exposures are accounted for as delivered, and ${landed.units.size} have landed.`,
    )
  return wrong
}

/** One after the other, each back in sync before the next. */
async function killBrokersInTurn(
  kafka: KafkaCluster,
  isOver: () => boolean,
  { progress }: Setting,
): Promise<number> {
  let kills = 0
  while (!isOver()) {
    const index = kills % kafka.brokers.length
    await kafka.kill(index)
    kills++
    await wait(2_000)
    await kafka.restart(index)
    progress(`broker ${index + 1} was killed and is back`)
    await wait(6_000)
  }
  return kills
}

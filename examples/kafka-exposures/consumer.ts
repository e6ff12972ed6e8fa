// What a consumer does: it lands the topics in a directory, where the position stands beside the data, and audits them.
import { setTimeout as sleep } from 'node:timers/promises'
import { kafkajsLibrary, kafkaSegments, type LogTopics } from '@fairtrial/exposure/kafka'
import { readSegments } from '@fairtrial/exposure/segments'
import { audit } from '@fairtrial/fidelity'
import { readingList } from './experiment.ts'

/** Lands and audits what is in the topics now. A real consumer lands until it is told to stop. */
export async function auditTopics(
  brokers: readonly string[],
  topics: LogTopics,
  directory: string,
): Promise<void> {
  const library = kafkajsLibrary({ brokers, clientId: 'reading-audit' })
  const landing = await kafkaSegments({ library, topics, directory, groupId: topics.exposures, lagMs: 200 })
  while (landing.lag().length === 0 || landing.lag().some(({ lag }) => lag > 0)) await sleep(50)
  await landing.close()
  console.log(`consumer: ${landing.counts().lost} lost, ${landing.counts().poison} poisoned`)

  const { events, unreadable } = await readSegments(directory)
  const { verdict, counts, sampleRatio } = audit(readingList, events, { asOf: Date.now() })
  console.log(`audit: ${verdict}, ${counts.replayed} assignments replayed, ${counts.replayMismatches} differ`)
  console.log(`arms: ${JSON.stringify(sampleRatio?.observed)}, ${counts.missingEvents} events missing`)
  console.log(`lines that are no event: ${unreadable.count}`)
}

// Records who really met their arm and what came of it, then checks that the log tells the truth.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assign, loadExperiment } from '@fairtrial/assignment'
import { createRecorder } from '@fairtrial/exposure'
import { readSegments, segmentSink } from '@fairtrial/exposure/segments'
import { audit } from '@fairtrial/fidelity'
import { startRollout } from '@fairtrial/rollout'
import { readingList } from './experiment.ts'

const directory = await mkdtemp(join(tmpdir(), 'fairtrial-'))
const recorder = createRecorder({ sink: segmentSink({ directory, producerId: 'reader-1' }) })
const loaded = loadExperiment(readingList, startRollout(readingList, { now: Date.now() }))

for (let i = 0; i < 1000; i++) {
  const unit = { unitType: 'reader', unitId: `reader-${i % 800}` } // every fourth comes back
  const arm = assign(loaded, unit)
  const list = rank(arm.config.order)
  recorder.expose(arm) // at the point of use: the list is on its way to the reader
  if (list[i % 4] === 'new') recorder.track({ ...unit, name: 'opened' })
}
const { offered, delivered, deduplicated, dropped, pending, exposures, outcomes } = await recorder.close()
const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
console.log(
  `offered ${offered} = ${delivered} delivered + ${deduplicated} deduplicated + ${lost} dropped + ${pending} pending`,
)
console.log(
  `delivered: ${exposures.delivered} exposures, ${outcomes.delivered} outcomes, and the recorder's own report`,
)

const { events } = await readSegments(directory)
const { verdict, counts, sampleRatio } = audit(readingList, events, { asOf: Date.now() })
console.log(`audit: ${verdict}, ${counts.replayed} assignments replayed, ${counts.replayMismatches} differ`)
console.log(`arms: ${JSON.stringify(sampleRatio?.observed)}, ${counts.missingEvents} events missing`)
await rm(directory, { recursive: true })

function rank(order: 'newest' | 'longest'): readonly string[] {
  return order === 'newest' ? ['new', 'old', 'older', 'oldest'] : ['old', 'new', 'oldest', 'older']
}

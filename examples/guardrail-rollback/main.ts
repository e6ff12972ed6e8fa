// A guardrail takes a harmful treatment back by itself: records in, decisions out, minute by minute.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assign, loadExperiment } from '@fairtrial/assignment'
import { createRecorder } from '@fairtrial/exposure'
import { segmentLog, segmentSink } from '@fairtrial/exposure/segments'
import { createController, fileStateStore } from '@fairtrial/rollout/controller'
import { newPlayer } from './experiment.ts'

const MINUTE = 60_000
const clock = { time: Date.UTC(2026, 0, 5, 9), now: () => clock.time } // a clock to turn by hand
const directory = await mkdtemp(join(tmpdir(), 'fairtrial-'))
const recorder = createRecorder({ sink: segmentSink({ directory, producerId: 'player-1' }), clock })
const store = fileStateStore({ directory: join(directory, 'state') })
const controller = createController({
  experiment: newPlayer,
  store,
  clock,
  log: segmentLog(directory),
})

let viewer = 0
for (let minute = 0; minute < 60; minute++) {
  const { state, decision } = await controller.tick()
  if (minute % 5 === 0 || decision?.action === 'abort') {
    console.log(
      `${String(minute).padStart(2)} min  ${state?.status}  ${decision?.action}: ${decision?.reasons[0]}`,
    )
  }
  if (state === null || state.status === 'aborted') break
  const loaded = loadExperiment(newPlayer, state)
  for (let i = 0; i < 2000; i++) {
    const unit = { unitType: 'viewer', unitId: `viewer-${viewer++}` }
    const arm = assign(loaded, unit)
    recorder.expose(arm)
    const startRate = arm.variant === 'new' ? 80 : 95 // of a hundred: the new player fails more often
    if (arm.variant !== null && (viewer * 37) % 100 < startRate) recorder.track({ ...unit, name: 'started' })
  }
  await recorder.flush()
  clock.time += MINUTE
}

await controller.stop()
const state = await store.read(newPlayer.key)
const arm = assign(loadExperiment(newPlayer, state), { unitType: 'viewer', unitId: 'viewer-1' })
console.log(`now served: ${arm.variant ?? 'control'} (${arm.reason}), revision ${arm.revision}`)
await recorder.close()
await rm(directory, { recursive: true })

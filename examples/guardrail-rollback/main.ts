// A plan ramps, asks a person, ships, watches on, and takes the treatment back by itself when it turns harmful.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { segmentLog } from '@fairtrial/exposure/segments'
import { proveRollback } from '@fairtrial/rollout'
import {
  createController,
  fileStateStore,
  orderRollout,
  type TickResult,
} from '@fairtrial/rollout/controller'
import { newPlayer } from './experiment.ts'
import { createService } from './service.ts'

const MINUTE = 60_000
const start = Date.UTC(2026, 0, 5, 9)
const clock = { time: start, now: () => clock.time, monotonic: () => clock.time } // turned by hand
const directory = await mkdtemp(join(tmpdir(), 'fairtrial-'))
const store = fileStateStore({ directory: join(directory, 'state') })
const controller = createController({ experiment: newPlayer, store, clock, log: segmentLog(directory) })
const service = createService('player-1', directory, clock)

let minute = 0
let turn = await controller.tick()
while (turn.state?.status !== 'aborted') {
  tell(turn)
  if (turn.decision?.rule === 'awaiting-approval') {
    const approval = { action: 'approve', by: 'ada', reason: 'Support has heard nothing.' } as const
    await orderRollout(store, newPlayer, { ...approval, seen: turn.decision.revision, now: clock.now() })
    console.log(`${minute} min  ${approval.by} approves: ${approval.reason}`)
  }
  await service.serve(await store.read(newPlayer.key), minute >= 30)
  clock.time += MINUTE
  minute += 1
  turn = await controller.tick()
}
tell(turn)

const report = await service.serve(turn.state, true)
const instances = [{ instanceId: 'player-1', leaseEndsAt: clock.now() + 5 * MINUTE, report }]
const proof = proveRollback({ experiment: newPlayer, state: turn.state, instances, now: clock.now() })
console.log(`rollback proved: ${proof.proved}, acknowledged by ${proof.instances.acknowledged} instance of 1`)

await service.client.close()
await rm(directory, { recursive: true })

function tell({ transitions }: TickResult): void {
  for (const { to, reason } of transitions) {
    console.log(`${minute} min  ${to.status}, ${to.trafficPercent} % in the trial: ${reason}`)
  }
}

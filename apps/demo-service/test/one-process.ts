import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, givenSnapshot } from '@fairtrial/client'
import { createRecorder } from '@fairtrial/exposure'
import { segmentLog, segmentSink } from '@fairtrial/exposure/segments'
import type { RolloutState, Snapshot } from '@fairtrial/protocol'
import { createController, fileStateStore } from '@fairtrial/rollout/controller'
import { drawsOf } from '../src/draws.ts'
import type { rankingTrial } from '../src/experiment.ts'
import { createHomeRow } from '../src/home-row.ts'
import type { Scenario } from '../src/scenarios.ts'

const TICK_MS = 250
const VISITS = 200

/** What happened, a line for each transition. */
export interface Story {
  readonly lines: readonly string[]
  readonly state: RolloutState
}

/** The demo in one process, at a time that only goes on by its visits: the same story at every run. */
export async function runInOneProcess(options: {
  readonly trial: ReturnType<typeof rankingTrial>
  readonly scenario: Scenario
  readonly seed: number
  readonly seconds: number
}): Promise<Story> {
  const { trial, scenario, seed, seconds } = options
  const directory = await mkdtemp(join(tmpdir(), 'fairtrial-story-'))
  let time = Date.UTC(2026, 0, 5)
  const clock = { now: () => Math.round(time), monotonic: () => time }
  const log = join(directory, 'log')
  const recorder = createRecorder({
    sink: segmentSink({ directory: log, producerId: 'one' }),
    producerId: 'one',
    clock,
  })
  const store = fileStateStore({ directory: join(directory, 'state') })
  const controller = createController({ experiment: trial, log: segmentLog(log), store, clock })
  const snapshotOf = (state: RolloutState): Snapshot => ({
    schema: 'fairtrial.snapshot/1',
    revision: state.revision,
    issuedAt: clock.now(),
    validUntil: clock.now() + 3_000,
    states: [state],
  })
  const lines: string[] = []
  async function tick(): Promise<RolloutState> {
    const { state, transitions, error } = await controller.tick()
    if (state === null || error !== null) throw error ?? new Error('no state')
    for (const { at, to, reason } of transitions) lines.push(`${at} ${to.status} ${to.stage}: ${reason}`)
    return state
  }

  let state = await tick()
  const source = givenSnapshot(snapshotOf(state))
  const client = createClient({ experiments: [trial], source, recorder, instanceId: 'one', clock })
  const homeRow = createHomeRow({ client, trial, scenario, seed, wait: async () => undefined })
  const draw = drawsOf(seed, 'arrivals')
  let viewers = 0
  for (let ticks = 0; ticks < (seconds * 1000) / TICK_MS && state.status !== 'aborted'; ticks++) {
    for (let visit = 0; visit < VISITS; visit++) {
      const viewer = `viewer-${draw() < 0.15 ? Math.ceil(draw() * viewers) : (viewers += 1)}`
      const { started, finishes } = await homeRow.watch(viewer)
      if (started && finishes) homeRow.finish(viewer)
      time += TICK_MS / VISITS
    }
    await recorder.flush()
    state = await tick()
    source.give(snapshotOf(state))
  }
  await client.close()
  await controller.stop()
  await rm(directory, { recursive: true })
  return { lines, state }
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, givenSnapshot } from '@fairtrial/client'
import { createRecorder } from '@fairtrial/exposure'
import { segmentLog, segmentSink } from '@fairtrial/exposure/segments'
import { type Experiment, parseDefinition, type RolloutState, type Snapshot } from '@fairtrial/protocol'
import { type HistoryPoint, proveRollback, type RolloutHistory, type RolloutView } from '@fairtrial/rollout'
import { createController, type TickResult } from '@fairtrial/rollout/controller'
import { memoryStateStore } from '@fairtrial/rollout/testing'
import { historyPoint } from '../../control-plane/src/history/history-point.ts'
import { drawsOf } from '../../demo-service/src/draws.ts'
import { rankingTrial } from '../../demo-service/src/experiment.ts'
import { createHomeRow } from '../../demo-service/src/home-row.ts'
import { type ScenarioName, scenarios } from '../../demo-service/src/scenarios.ts'

const TICK_MS = 250
const VISITS = 100

/** A rollout as it stands after so many seconds, and how it came there. */
export interface Simulated {
  readonly view: RolloutView
  readonly history: RolloutHistory
}

/**
 * Runs the demo's trial in this process, through the real client, log and controller, at a time of its own: nothing that a
 * page shows of it is made up.
 */
export async function simulateRollout(options: {
  readonly key: string
  readonly scenario: ScenarioName
  readonly seconds: number
  readonly endsAt: number
  readonly seed?: number
  /** Of the definition, what is to be another than in the demo. */
  readonly changes?: object
  /** On what a viewer watches, by the second and a number from 0 to 1. Default: it is not told. */
  readonly platformOf?: (second: number, draw: number) => string
}): Promise<Simulated> {
  const { key, scenario, seconds, endsAt, seed = 7, changes = {}, platformOf } = options
  const { fingerprint: _, ...demo } = rankingTrial({ control: 'popularity', treatment: 'session' })
  const experiment: Experiment = parseDefinition({ ...demo, key, ...changes })
  const directory = await mkdtemp(join(tmpdir(), 'fairtrial-console-'))
  const startsAt = endsAt - seconds * 1000
  let time = startsAt
  const clock = { now: () => Math.round(time), monotonic: () => time }
  const log = join(directory, 'log')
  const recorder = createRecorder({
    sink: segmentSink({ directory: log, producerId: 'one' }),
    producerId: 'one',
    clock,
    context: { schemaVersion: '1', allow: ['platform'] },
    // By the machine's own timers: what is simulated in a second would never be told otherwise.
    report: { everyMs: 20 },
  })
  const store = memoryStateStore()
  const controller = createController({ experiment, log: segmentLog(log), store, clock })
  const points: HistoryPoint[] = []
  let last: TickResult | null = null

  async function tick(): Promise<RolloutState> {
    const result = await controller.tick()
    if (result.state === null || result.error !== null) throw result.error ?? new Error('no state')
    last = result
    const point = historyPoint(experiment, result)
    if (point !== null) points.push(point)
    return result.state
  }

  let state = await tick()
  const source = givenSnapshot(snapshotOf(state, clock.now()))
  const client = createClient({ experiments: [experiment], source, recorder, instanceId: 'one', clock })
  const devices = drawsOf(seed, 'devices')
  const homeRow = createHomeRow({
    client: {
      ...client,
      expose: (arm) =>
        client.expose(
          arm,
          platformOf && { context: { platform: platformOf((time - startsAt) / 1000, devices()) } },
        ),
    },
    trial: experiment as unknown as ReturnType<typeof rankingTrial>,
    scenario: scenarios[scenario],
    seed,
    wait: async () => undefined,
  })
  const draw = drawsOf(seed, 'arrivals')
  let viewers = 0
  for (let ticks = 0; ticks < (seconds * 1000) / TICK_MS; ticks++) {
    for (let visit = 0; visit < VISITS; visit++) {
      const viewer = `viewer-${draw() < 0.15 ? Math.ceil(draw() * viewers) : (viewers += 1)}`
      const { started, finishes } = await homeRow.watch(viewer)
      if (started && finishes) homeRow.finish(viewer)
      time += TICK_MS / VISITS
    }
    await recorder.flush()
    state = await tick()
    source.give(snapshotOf(state, clock.now()))
  }
  await client.close()
  await controller.stop()
  await rm(directory, { recursive: true })

  const { decision = null, evaluation = null, audit = null } = (last ?? {}) as Partial<TickResult>
  const view: RolloutView = {
    schema: 'fairtrial.rollout/1',
    experiment,
    state,
    decision,
    evaluation,
    audit,
    proof:
      state.status === 'aborted'
        ? proveRollback({
            experiment,
            state,
            instances: [{ instanceId: 'one', leaseEndsAt: state.changedAt + 200, report: null }],
            now: endsAt + 1_000,
          })
        : null,
    transitions: await store.transitions(key),
    looks: evaluation?.looks ?? null,
    error: null,
    leader: true,
  }
  return { view, history: { schema: 'fairtrial.history/1', experiment: key, points } }
}

function snapshotOf(state: RolloutState, now: number): Snapshot {
  return {
    schema: 'fairtrial.snapshot/1',
    revision: state.revision,
    issuedAt: now,
    validUntil: now + 3_000,
    states: [state],
  }
}

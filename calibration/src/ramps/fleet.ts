import type { StateSource } from '@fairtrial/client'
import { clientOnTrial, fakeClock, type FakeClock, snapshotOf, stateFor } from '@fairtrial/client/testing'
import type { Experiment } from '@fairtrial/protocol'
import type { RandomStream } from '@fairtrial/sequential'

/** Instances of a service, and how they are reached. Times in milliseconds. */
export interface Fleet {
  readonly instances: number
  /** Of them, how many hear nothing from the moment of the abort on. */
  readonly cutOff: number
  /** The share of answers that are lost on their way; whoever asked gives up after `timeoutMs`. */
  readonly lost: number
  readonly pollMs: number
  readonly leaseMs: number
  readonly timeoutMs: number
}

/** An answer takes between these, milliseconds. */
const LATENCY = [5, 200] as const
const STEP_MS = 100
/** Its hash puts it there, in plans with this key. */
const UNIT_OF_TREATMENT = 'a'

/** From an abort until the last time that any instance has served a treatment, in milliseconds. */
export async function timeToZero(
  fleet: Fleet,
  experiment: Experiment,
  random: RandomStream,
): Promise<number> {
  let last = 0
  for (let instance = 0; instance < fleet.instances; instance++) {
    const servedFor = await servedAfterAbort(fleet, instance < fleet.cutOff, experiment, random)
    last = Math.max(last, servedFor)
  }
  return last
}

/** Every instance is the production client, on a clock of its own; it serves a unit of the treatment again and again. */
async function servedAfterAbort(
  fleet: Fleet,
  isCutOff: boolean,
  experiment: Experiment,
  random: RandomStream,
): Promise<number> {
  const clock = fakeClock()
  // Past its first answer, and at a place of its own between two polls.
  const abortedAt = clock.monotonic() + 1_000 + Math.floor(fleet.pollMs * random.uniform())
  const source = sourceOf(fleet, experiment, { clock, random, abortedAt, isCutOff })
  const { client } = clientOnTrial([experiment], { clock, source, random: random.uniform })
  await clock.advance(abortedAt - clock.monotonic())
  let servedUntil = abortedAt
  const unit = { unitType: 'unit', unitId: UNIT_OF_TREATMENT }
  while (client.assign(experiment, unit).variant === 'treatment') {
    servedUntil = clock.monotonic()
    await clock.advance(STEP_MS)
  }
  const closing = client.close(0)
  await clock.advance(1)
  await closing
  return servedUntil - abortedAt
}

function sourceOf(
  { pollMs, leaseMs, timeoutMs, lost }: Fleet,
  experiment: Experiment,
  {
    clock,
    random,
    abortedAt,
    isCutOff,
  }: { clock: FakeClock; random: RandomStream; abortedAt: number; isCutOff: boolean },
): StateSource {
  const running = stateFor(experiment)
  const aborted = stateFor(experiment, { revision: 2, status: 'aborted', trafficPercent: 0 })
  let asked = 0
  return {
    pollMs,
    read: ({ tag }) =>
      new Promise((resolve, reject) => {
        asked += 1
        const isHeard =
          asked === 1 || (random.uniform() >= lost && !(isCutOff && clock.monotonic() >= abortedAt))
        const [least, most] = LATENCY
        const takes = isHeard ? least + (most - least) * random.uniform() : timeoutMs
        const answeredAt = clock.monotonic() + takes / 2
        clock.start(() => {
          if (!isHeard) return reject(new Error('no answer'))
          const state = answeredAt < abortedAt ? running : aborted
          if (tag === String(state.revision)) return resolve({ validForMs: leaseMs })
          resolve({ snapshot: snapshotOf([state], { validUntil: leaseMs }), tag: String(state.revision) })
        }, takes)
      }),
  }
}

import { defineExperiment } from '@fairtrial/protocol'
import type { LogEvent, TransitionEvent } from '@fairtrial/protocol'
import { definition, START, syntheticLog } from '../../fidelity/test/synthetic-log.ts'
import { createController } from '../src/controller/index.ts'
import type { LeaderLease, StateStore } from '../src/controller/index.ts'
import { arrayLog } from './array-log.ts'
import { dyingPorts } from './dying-ports.ts'
import { harmful, later } from './looped.ts'

const MINUTE = 60_000

/** When replicas tick, from the start: nothing yet; holds, for no event has come; runs on; takes a look, and aborts. */
const TICKS = [0, 11, 22, 53].map((minutes) => minutes * MINUTE)

/** What they do then, if exactly one does it. */
const JOURNAL = ['running', 'holding', 'running', 'aborted']

/** A trial whose looks are recorded, and whose treatment does harm. */
export function harmfulTrial(key: string) {
  const experiment = defineExperiment({
    ...definition,
    key,
    metrics: {
      ...definition.metrics,
      watched: { type: 'proportion', role: 'primary', direction: 'increase', window: '1m', event: 'started' },
    },
    analysis: { method: 'group-sequential', maximumUnits: 2_000, looks: 5 },
  })
  return { experiment, events: later(harmful(syntheticLog({ of: experiment })), 20 * MINUTE) }
}

/** Two replicas on one store, in one process, at a time that is turned for them. */
export function replicasOf(
  { experiment, events }: ReturnType<typeof harmfulTrial>,
  ports: { readonly store: StateStore; readonly leaseOf: (holder: string) => LeaderLease },
) {
  let elapsed = 0
  const clock = { now: () => START + elapsed, monotonic: () => elapsed }
  const start = (holder: string, diesAt = Number.POSITIVE_INFINITY) => {
    const { log } = arrayLog(clock.now, events as readonly LogEvent[])
    const dying = dyingPorts({ store: ports.store, log, lease: ports.leaseOf(holder) }, diesAt)
    const controller = createController({ experiment, clock, by: holder, ...dying })
    return {
      ...dying,
      /** One tick, with the lease asked for before it; null when it has died. */
      async tickAt(after: number) {
        elapsed = after
        const turn = async () => {
          if (dying.lease.current() === null || !(await dying.lease.renew())) await dying.lease.acquire()
          return controller.tick()
        }
        const result = await Promise.race([turn(), dying.died])
        return result === 'died' ? null : result
      },
    }
  }
  return { start }
}

/**
 * A leader that dies at its so manyth await, and another replica that takes up from the store once the lease has lapsed.
 *
 * @returns whether it died, and the journal
 */
export async function killAt(
  diesAt: number,
  trial: ReturnType<typeof harmfulTrial>,
  ports: Parameters<typeof replicasOf>[1] & { readonly lapse: () => Promise<void> },
): Promise<{ readonly died: boolean; readonly journal: readonly TransitionEvent[] }> {
  const { start } = replicasOf(trial, ports)
  const ada = start('ada', diesAt)
  const bob = start('bob')
  let died = false
  for (const at of TICKS) {
    if (!died) died = (await ada.tickAt(at)) === null
    if (died) await ports.lapse()
    // A follower looks on at each tick; a successor makes up for the one that was cut short.
    await bob.tickAt(at)
  }
  return { died, journal: await ports.store.transitions(trial.experiment.key) }
}

/** What is wrong with a journal, if anything: twice the same decision, one that is missing, a break in the chain. */
export function journalFaults(journal: readonly TransitionEvent[]): string[] {
  const statuses = journal.map(({ to }) => to.status)
  const faults = journal.flatMap(({ from, to }, index) =>
    to.revision === index + 1 && (from?.revision ?? 0) === index
      ? []
      : [`revision ${to.revision} follows ${from?.revision}`],
  )
  return statuses.join() === JOURNAL.join() ? faults : [...faults, `the journal is ${statuses.join()}`]
}

import type { LogEvent, UnitEvent } from '@fairtrial/protocol'
import { experiment, isExposure, isOutcome, seeded, START } from '../../fidelity/test/synthetic-log.ts'
import { createController } from '../src/controller/index.ts'
import type { ControllerOptions, TickResult } from '../src/controller/index.ts'
import { memoryStateStore } from '../src/testing/index.ts'
import { arrayLog } from './array-log.ts'

/** A controller over a log in memory, at a time that only the test moves. */
export function setUp(events: readonly LogEvent[] = [], options: Partial<ControllerOptions> = {}) {
  const store = options.store ?? memoryStateStore()
  let elapsed = 0
  let jump = 0
  const memory = arrayLog(() => START + elapsed, events)
  const clock = { now: () => START + elapsed + jump, monotonic: () => elapsed }
  const controller = createController({ experiment, log: memory.log, clock, ...options, store })
  return {
    ...memory,
    store,
    controller,
    clock,
    /** One tick at so long after the start. */
    tickAt(after: number): Promise<TickResult> {
      elapsed = after
      return controller.tick()
    },
    jumpWallClock: (by: number) => {
      jump = by
    },
  }
}

/** Half of the model's viewers do not start: their outcome goes by another name. */
export function harmful(events: readonly UnitEvent[]): UnitEvent[] {
  const arms = new Map(events.filter(isExposure).map((event) => [event.unitId, event.variant]))
  const random = seeded(17)
  return events.map((event) =>
    isOutcome(event) && arms.get(event.unitId) === 'model' && random() < 0.5
      ? { ...event, name: 'noise' }
      : event,
  )
}

/** The same events, as if they had happened so much later and from other producers and viewers. */
export function later(events: readonly UnitEvent[], by: number): UnitEvent[] {
  return events.map((event) => {
    const receivedAt = (event.receivedAt ?? 0) + by
    const producerId = `${event.producerId}+${by}`
    return isExposure(event)
      ? { ...event, producerId, receivedAt, exposedAt: event.exposedAt + by }
      : { ...event, producerId, receivedAt, occurredAt: event.occurredAt + by }
  })
}

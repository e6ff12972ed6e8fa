import { assign, loadExperiment } from '@fairtrial/assignment'
import { type Decision, exposureId, type LogEvent } from '@fairtrial/protocol'
import { createController } from '@fairtrial/rollout/controller'
import { memoryStateStore } from '@fairtrial/rollout/testing'
import type { RandomStream } from '@fairtrial/sequential'
import { onesAndZeros } from '../draws.ts'
import { type Course, planOf } from './course.ts'
import { deliveryOf } from './delivery.ts'
import type { Batch } from './draw-ramp.ts'

const START = Date.UTC(2026, 0, 1)
const MINUTE_MS = 60_000
/** Units come in the first of these, and each error this long after its unit: within the same minute. */
const [ARRIVING_MS, ERROR_AFTER_MS] = [50_000, 5_000]

/** One minute: the units that are known by then, and what the controller said at its end. */
interface ControlledMinute {
  readonly arrived: readonly Batch[]
  readonly decision: Decision | null
}

/**
 * A ramp through the loop itself, nothing left out: units are assigned by the state in force, their exposures and errors
 * are events of a log, and `createController` folds and audits them, decides, and changes the state that assigns the next.
 */
export async function* controlledRamp(
  course: Course,
  minutes: number,
  random: RandomStream,
): AsyncGenerator<ControlledMinute> {
  const experiment = planOf(course)
  const { name, baseline, margin } = course.metrics[0]!
  const events: LogEvent[] = []
  /** How many of them the log tells. */
  let told = 0
  const deliver = deliveryOf(course)
  let now = START
  const readFrom = async (cursor: number | null) => ({
    events: events.slice(cursor ?? 0, told),
    cursor: told,
    bytesRead: 0,
    unreadableLines: 0,
  })
  const controller = createController({
    experiment,
    log: { readFrom },
    store: memoryStateStore(),
    clock: { now: () => now },
  })
  let { state } = await controller.tick()
  for (let minute = 0; minute < minutes; minute++) {
    const loaded = loadExperiment(experiment, state)
    const [control, treatment] = [0, 1].map(() => ({ units: 0, errors: 0 })) as [Count, Count]
    for (let i = 0; i < course.unitsPerMinute; i++) {
      const unit = { unitType: 'unit', unitId: `${minute}-${i}` }
      const { variant, bucket, seed, propensity } = assign(loaded, unit)
      if (variant === null || bucket === null || propensity === null) continue
      const isControl = variant === experiment.control
      const count = isControl ? control : treatment
      const exposedAt = now + Math.floor((ARRIVING_MS * i) / course.unitsPerMinute)
      const produced = { producerId: 'service', sdk: 'calibration' }
      events.push({
        schema: 'fairtrial.exposure/1',
        exposureId: exposureId(experiment.key, 1, variant, unit.unitId),
        experiment: experiment.key,
        fingerprint: experiment.fingerprint,
        phase: 1,
        revision: state!.revision,
        ...unit,
        variant,
        bucket,
        seed,
        propensity,
        reason: 'assigned',
        exposedAt,
        ...produced,
        sequence: events.length + 1,
      })
      count.units += 1
      if (random.uniform() >= baseline + (isControl ? 0 : course.harm * margin)) continue
      events.push({
        schema: 'fairtrial.outcome/1',
        outcomeId: unit.unitId,
        name,
        ...unit,
        value: 1,
        occurredAt: exposedAt + ERROR_AFTER_MS,
        ...produced,
        sequence: events.length + 1,
      })
      count.errors += 1
    }
    now += MINUTE_MS
    const arrived = deliver(minute, [batchOf(control), batchOf(treatment)])
    if (arrived.length > 0) told = events.length
    const { state: next, decision } = await controller.tick()
    state = next
    yield { arrived, decision }
  }
}

interface Count {
  units: number
  errors: number
}

function batchOf({ units, errors }: Count): Batch[0] {
  return { units, metrics: [units === 0 ? { n: 0, mean: 0, m2: 0 } : onesAndZeros(errors, units)] }
}

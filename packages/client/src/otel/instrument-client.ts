import type { Arm } from '@fairtrial/exposure'
import {
  apiOf,
  type EventLogger,
  LateInstruments,
  observeRecorder,
  type RecorderMetricsOptions,
} from '@fairtrial/exposure/otel'
import type { Assignment } from '@fairtrial/protocol'
import type { Client } from '../client-doors.ts'
import { BoundedLabels } from './bounded-labels.ts'
import { observeConfig } from './config-metrics.ts'
import { attributesOf } from './evaluation-event.ts'
import { EventLog } from './event-log.ts'

/** What a client is to tell OpenTelemetry. */
export interface InstrumentOptions extends RecorderMetricsOptions {
  /** Takes the events. Default: that of the API, from 1.10 on; before, they become events of the active span. */
  readonly logger?: EventLogger
  /** Whether each evaluation and each first exposure is an event. Default true. */
  readonly events?: boolean
  /**
   * Whether the active span is given `feature_flag.result.variant`, by which latency can be cut; of several experiments
   * in one span, the last. Default false.
   */
  readonly spanAttribute?: boolean
  /** Whether events carry the unit, `feature_flag.context.id`. Metrics never do. Default false. */
  readonly unitIds?: boolean
}

/**
 * The client, telling OpenTelemetry what it does: `feature_flag.evaluation` at each `assign`, `feature_flag.exposure`
 * at each exposure that goes to the log, and metrics of both, of the queue, the spool, loss and the age of the state.
 * Without an SDK each call costs some nanoseconds more, and nothing else. Nothing in it throws.
 */
export function instrumentClient(client: Client, options: InstrumentOptions = {}): Client {
  const api = apiOf(options)
  const { events = true, spanAttribute = false, unitIds = false } = options
  const log = events ? new EventLog(api, options.logger) : null
  const recorder = { account: () => client.status().account, health: () => client.status().health }
  const observed = observeRecorder(recorder, options)
  const instruments = new LateInstruments(api, (meter) => {
    observed.refresh()
    observeConfig(meter, client)
    return {
      assignments: meter.createCounter('experiment.assignment.count', {
        unit: '{assignment}',
        description: 'Calls of assign, by what they returned.',
      }),
      exposures: meter.createCounter('experiment.exposure.count', {
        unit: '{exposure}',
        description: 'Calls of expose, by what became of them.',
      }),
    }
  })
  const assignmentLabels = new BoundedLabels('reason')
  const exposureLabels = new BoundedLabels('recorded')

  function tellAssignment(arm: Assignment): void {
    const { experiment, variant, reason } = arm
    instruments.current?.assignments.add(1, assignmentLabels.of(experiment, variant, reason))
    log?.write('feature_flag.evaluation', () => attributesOf(arm, unitIds))
    if (spanAttribute && variant !== null) {
      api.trace.getActiveSpan()?.setAttribute('feature_flag.result.variant', variant)
    }
  }

  function tellExposure(arm: Arm, recorded: string): void {
    instruments.current?.exposures.add(1, exposureLabels.of(arm.experiment, arm.variant, recorded))
    if (recorded === 'queued') log?.write('feature_flag.exposure', () => attributesOf(arm, unitIds))
  }

  return {
    ...client,
    assign(experiment, unit, assignOptions) {
      const arm = client.assign(experiment, unit, assignOptions)
      try {
        tellAssignment(arm)
      } catch {
        // Whoever listens may fail, but not the service through us.
      }
      return arm
    },
    expose(arm, exposeOptions) {
      const receipt = client.expose(arm, exposeOptions)
      try {
        tellExposure(arm, receipt.recorded)
      } catch {
        // As above.
      }
      return receipt
    },
  }
}

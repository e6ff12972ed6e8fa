import type { ServedReport } from '@fairtrial/protocol'
import type { Timers } from '@fairtrial/exposure'
import type { Clock } from './clock.ts'
import type { Trial } from './trial.ts'

interface ServedReporterParts {
  readonly instanceId: string
  readonly trials: readonly Trial[]
  /** Must settle. */
  readonly report: (report: ServedReport) => Promise<void>
  readonly everyMs: number
  readonly clock: Clock
  readonly timers: Timers
  readonly failed: (error: unknown) => void
}

/**
 * Tells what has been served: the proof of a rollback, and the sign of life of an instance that nobody asks.
 * One report at a time; what a failed one said, the next one says again.
 */
export class ServedReporter {
  sent = 0
  failures = 0
  readonly #parts: ServedReporterParts
  #sequence = 0
  #timer: unknown
  #underWay: Promise<void> | null = null
  #again = false
  #stopped = false

  constructor(parts: ServedReporterParts) {
    this.#parts = parts
  }

  /** Reports now, or once more after the report under way. Never rejects. */
  report(): Promise<void> {
    if (this.#underWay !== null) {
      this.#again = true
      return this.#underWay
    }
    this.#parts.timers.stop(this.#timer)
    this.#underWay = this.#send().then(() => {
      this.#underWay = null
      if (this.#again) {
        this.#again = false
        return this.report()
      }
      if (!this.#stopped) {
        this.#timer = this.#parts.timers.start(() => void this.report(), this.#parts.everyMs, false)
      }
    })
    return this.#underWay
  }

  /** The last report, and none after it. */
  stop(): Promise<void> {
    this.#stopped = true
    return this.report()
  }

  async #send(): Promise<void> {
    const { trials, report, failed } = this.#parts
    const closed = trials.map((trial) => trial.served.closed)
    try {
      await report(this.#written())
      this.sent += 1
      for (const [i, trial] of trials.entries()) trial.served.acknowledge(closed[i] ?? 0)
    } catch (error) {
      this.failures += 1
      failed(error)
    }
  }

  #written(): ServedReport {
    const { instanceId, trials, clock } = this.#parts
    const reportedAt = Math.round(clock.now())
    const measured = clock.monotonic()
    const toEpoch = (at: number) => Math.round(reportedAt - (measured - at))
    this.#sequence += 1
    return {
      schema: 'fairtrial.served/1',
      instanceId,
      sequence: this.#sequence,
      reportedAt,
      experiments: trials.map(({ experiment, served }) => ({
        experiment: experiment.key,
        revision: served.revision,
        served: served.list(toEpoch),
      })),
    }
  }
}

import type { ProducedArm, ProducerReport } from '@fairtrial/protocol'
import type { Account } from './account.ts'
import type { ArmCounts } from './arm-counts.ts'
import type { Timers } from './clock.ts'

/** How often a recorder writes its own account into the log. */
export interface ReportOptions {
  /** Milliseconds between two reports while something changes. Default 60,000. */
  readonly everyMs: number
}

/** How many assignments of one arm were served. */
export interface AssignedCount {
  readonly experiment: string
  readonly phase: number
  readonly variant: string
  readonly count: number
}

export interface ReportPorts {
  readonly timers: Timers
  /** Undefined where no reports are wanted. */
  readonly everyMs: number | undefined
  readonly arms: ArmCounts
  readonly account: () => Account
  /** Numbers a report and sends it on its way. */
  readonly send: (report: ReportBody) => void
}

/** A report without what is the same in all events of a producer, and without its time and number. */
export type ReportBody = Pick<
  ProducerReport,
  'isFinal' | 'offered' | 'delivered' | 'deduplicated' | 'dropped' | 'pending' | 'arms'
>

/** Writes the producer's own account into its log: at times while something changes, and at the end. */
export class ProducerReports {
  readonly #ports: ReportPorts
  #isAwake: boolean
  #timer: unknown
  #assigned: (() => readonly AssignedCount[]) | undefined
  #sent = 0
  #told = NOTHING

  constructor(ports: ReportPorts) {
    this.#ports = ports
    this.#isAwake = ports.everyMs === undefined
  }

  /** Something was offered. On the hot path: it costs no more than a look at a flag. */
  wake(): void {
    if (!this.#isAwake) this.#wait()
  }

  /** Takes these counts into the reports. They change without waking us, so they are looked at from now on. */
  countAssigned(assigned: () => readonly AssignedCount[]): void {
    this.#assigned = assigned
    this.wake()
  }

  /** The last report, behind everything else, unless there was never anything to tell. */
  end(): void {
    const { timers, everyMs } = this.#ports
    timers.stop(this.#timer)
    this.#isAwake = true
    if (everyMs !== undefined && (this.#sent > 0 || this.#change() !== NOTHING)) this.#send(true)
  }

  #wait(): void {
    const { timers, everyMs = 0 } = this.#ports
    this.#isAwake = true
    this.#timer = timers.start(() => this.#look(), everyMs, false)
  }

  #look(): void {
    this.#isAwake = false
    const change = this.#change()
    const hasChanged = change !== this.#told
    if (hasChanged) this.#send(false)
    this.#told = change
    const { exposures, outcomes } = this.#ports.account()
    // What is pending will be delivered or lost, and nobody wakes us then.
    if (hasChanged || exposures.pending + outcomes.pending > 0 || this.#assigned !== undefined) this.#wait()
  }

  /** A text that is another one whenever there is something new to tell. Reports are no news. */
  #change(): string {
    const { exposures, outcomes, summaries } = this.#ports.account()
    const settled = [exposures, outcomes].flatMap(({ offered, delivered, pending }) => [
      offered,
      delivered,
      pending,
    ])
    const assigned = this.#assignedCounts().reduce((sum, { count }) => sum + count, 0)
    return [...settled, summaries.offered - this.#sent, assigned].join()
  }

  #send(isFinal: boolean): void {
    const { account, send } = this.#ports
    const { offered, delivered, deduplicated, dropped, pending } = account()
    this.#sent++
    send({
      isFinal,
      offered,
      delivered,
      deduplicated,
      dropped: Object.fromEntries(Object.entries(dropped).filter(([, count]) => count > 0)),
      pending,
      arms: this.#arms(),
    })
  }

  #arms(): ProducedArm[] {
    const arms = new Map<string, ProducedArm>()
    for (const {
      experiment,
      phase,
      variant,
      offered,
      numbered,
      deduplicated,
      dropped,
    } of this.#ports.arms.list()) {
      const arm = { experiment, phase, variant, offered, numbered, deduplicated, dropped }
      arms.set(keyOf(arm), arm)
    }
    for (const { count, experiment, phase, variant } of this.#assignedCounts()) {
      const known = arms.get(keyOf({ experiment, phase, variant }))
      const counts = known ?? {
        experiment,
        phase,
        variant,
        offered: 0,
        numbered: 0,
        deduplicated: 0,
        dropped: 0,
      }
      arms.set(keyOf(counts), { ...counts, assigned: count })
    }
    return [...arms.values()]
  }

  #assignedCounts(): readonly AssignedCount[] {
    try {
      return this.#assigned?.() ?? []
    } catch {
      // Whoever counts may fail, but not the report through it.
      return []
    }
  }
}

/** What there is to tell before anything has happened. */
const NOTHING = '0,0,0,0,0,0,0,0'

function keyOf({
  experiment,
  phase,
  variant,
}: Pick<ProducedArm, 'experiment' | 'phase' | 'variant'>): string {
  return `${phase}/${experiment}/${variant}`
}

/** The line of a report. */
export function writeReport(
  report: ReportBody,
  producer: string,
  sequence: number,
  reportedAt: number,
): Uint8Array {
  const fields = { sequence, reportedAt, ...report }
  return encoder.encode(`{"schema":"fairtrial.producer/1",${producer},${JSON.stringify(fields).slice(1)}\n`)
}

const encoder = new TextEncoder()

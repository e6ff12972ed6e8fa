import type { Experiment, LogEvent } from '@fairtrial/protocol'
import { ExperimentError, type Problem } from '@fairtrial/protocol/error'
import type { Account } from '../account.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { DetailOptions, ExposeOptions } from '../exposure-details.ts'
import type { Arm } from '../exposure-lines.ts'
import { memorySink } from '../memory-sink.ts'
import type { Outcome } from '../outcome-line.ts'
import type { Recorded } from '../receipt.ts'
import { createRecorder } from '../recorder.ts'
import type { Recorder } from '../recorder-doors.ts'
import { compareArms } from './compare-arms.ts'
import { checkCalls } from './check-calls.ts'
import { checkEvents } from './check-events.ts'

/** What a service under test is given in one run. */
export interface InstrumentationRun {
  /** What the service records with. The service, or the test, closes it. */
  readonly recorder: Recorder
  /** The arm that every unit is to be in; null where `arms` names none. */
  readonly arm: string | null
}

/** What is known of the instrumentation beforehand. */
export interface InstrumentationOptions extends DetailOptions {
  /** The service is run once for each, with the same units, so that the arms can be compared. */
  readonly arms?: readonly string[]
  /** The experiments that the service takes part in: unit types, fingerprints and treatment versions are held to them. */
  readonly experiments?: readonly Experiment[]
  /** The time that recorded times are held against. Default: the system's. */
  readonly clock?: Clock
}

/** One run, as it was recorded. */
export interface RecordedRun {
  readonly arm: string | null
  readonly calls: readonly RecordedCall[]
  readonly events: readonly LogEvent[]
  readonly account: Account
  readonly wasClosed: boolean
}

/** One call of the recorder, and what became of it. */
export type RecordedCall =
  | {
      readonly kind: 'expose'
      readonly arm: Arm
      readonly options?: ExposeOptions
      readonly recorded: Recorded
    }
  | { readonly kind: 'track'; readonly outcome: Outcome; readonly recorded: Recorded }

/** What was recorded in an instrumentation without fault. */
export interface VerifiedInstrumentation {
  readonly runs: readonly {
    readonly arm: string | null
    readonly exposures: number
    readonly outcomes: number
    /** Where units were exposed: experiment, and the trigger behind a colon where there is one. */
    readonly exposedAt: readonly string[]
  }[]
  /** The definitions that units were exposed under, in any run. */
  readonly definitions: readonly { readonly experiment: string; readonly fingerprint: string }[]
}

/**
 * Runs a service with a recorder in its hands, once for each arm, and looks at what it records: for any test runner.
 *
 * @param run starts the service, lets units meet their arms, and closes the service; may be called more than once
 * @throws ExperimentError `invalid-event` naming each event and field that is missing or wrong, and what to do; all of
 * it is in `problems` too
 */
export async function verifyInstrumentation(
  run: (subject: InstrumentationRun) => Promise<void> | void,
  options: InstrumentationOptions = {},
): Promise<VerifiedInstrumentation> {
  const { arms = [null], experiments = [], clock = systemClock } = options
  const runs: RecordedRun[] = []
  for (const arm of arms) runs.push(await record(run, arm, options, clock))
  const problems = [
    ...runs.flatMap((one) => [
      ...checkCalls(one, options),
      ...checkEvents(one, { experiments, now: clock.now() }),
    ]),
    ...compareArms(runs),
  ]
  if (problems.length > 0) throw refusal(problems)
  return {
    runs: runs.map(({ arm, events }) => {
      const exposures = events.filter((event) => event.schema === 'fairtrial.exposure/1')
      const points = exposures.map(({ experiment, trigger }) =>
        trigger === undefined ? experiment : `${experiment}:${trigger}`,
      )
      return {
        arm,
        exposures: exposures.length,
        outcomes: events.filter((event) => event.schema === 'fairtrial.outcome/1').length,
        exposedAt: [...new Set(points)].toSorted(),
      }
    }),
    definitions: definitionsOf(runs),
  }
}

function definitionsOf(runs: readonly RecordedRun[]): VerifiedInstrumentation['definitions'] {
  const found = new Map<string, VerifiedInstrumentation['definitions'][number]>()
  for (const event of runs.flatMap(({ events }) => events)) {
    if (event.schema !== 'fairtrial.exposure/1') continue
    const { experiment, fingerprint } = event
    found.set(`${experiment}/${fingerprint}`, { experiment, fingerprint })
  }
  return [...found.values()]
}

async function record(
  run: (subject: InstrumentationRun) => Promise<void> | void,
  arm: string | null,
  { context, slates, traceparent }: InstrumentationOptions,
  clock: Clock,
): Promise<RecordedRun> {
  const sink = memorySink()
  const inner = createRecorder({
    sink,
    clock,
    report: false,
    queue: { maximumEvents: Infinity, maximumBytes: Infinity },
    ...(context && { context }),
    ...(slates && { slates }),
    ...(traceparent && { traceparent }),
  })
  const calls: RecordedCall[] = []
  let wasClosed = false
  const recorder: Recorder = {
    ...inner,
    expose: (held, told) => {
      const receipt = inner.expose(held, told)
      calls.push({ kind: 'expose', arm: held, ...(told && { options: told }), recorded: receipt.recorded })
      return receipt
    },
    track: (outcome) => {
      const receipt = inner.track(outcome)
      calls.push({ kind: 'track', outcome, recorded: receipt.recorded })
      return receipt
    },
    close: (deadlineMs) => {
      wasClosed = true
      return inner.close(deadlineMs)
    },
  }
  await run({ recorder, arm })
  const account = await inner.close()
  return { arm, calls, events: sink.events(), account, wasClosed }
}

function refusal(problems: readonly Problem[]): ExperimentError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  const lines = problems.map(({ path, message, remedy }) => `\n  ${path}: ${message} ${remedy}`)
  return new ExperimentError(
    'invalid-event',
    `The instrumentation has ${count}.${lines.join('')}\n`,
    'Mend what is listed before units meet the arms: what was recorded wrong cannot be told again.',
    { problems },
  )
}

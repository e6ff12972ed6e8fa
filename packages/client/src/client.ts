import { assign, serveControl } from '@fairtrial/assignment'
import { type Account, createRecorder, lacksConsent, type Sink, systemTimers } from '@fairtrial/exposure'
import type { Assignment, AssignmentReason, Experiment, Unit, Variant } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import type { Client, ClientOptions } from './client-doors.ts'
import { systemClock } from './clock.ts'
import { type AssignOptions, drawArm, NOBODY } from './draw-arm.ts'
import { refuse, refuseLacking, refuseNoDuration, refuseNoFunction } from './refusals.ts'
import { ServedReporter } from './served-reporter.ts'
import { StateWatch } from './state-watch.ts'
import type { ClientStatus } from './status.ts'
import type { Trial } from './trial.ts'
import { Trials } from './trials.ts'
import { pseudonymsBy } from './unit-ids.ts'

/**
 * Makes the client of a service, and starts to ask the source. Everything that is wrong with the arguments is told
 * here; from then on nothing throws.
 *
 * @throws ExperimentError `invalid-argument`, or `invalid-definition` where definitions cannot be loaded together
 */
export function createClient(options: ClientOptions): Client {
  refuseUnusable(options)
  const { source, instanceId, reportServed: report, reportEveryMs: everyMs = 2_000 } = options
  const { clock = systemClock, timers = systemTimers, random = Math.random } = options
  const trials = new Trials(options.experiments, options, failed)
  const pseudonyms = pseudonymsBy(options.unitIds, options.maximumUnitIdBytes ?? 1024, failed)
  const idOf = (unitId: unknown) => (pseudonyms === null ? unitId : pseudonyms.of(unitId))
  trials.force(options.overrides ?? {}, idOf)
  const recorder = options.recorder ?? createRecorder({ sink: options.sink as Sink, clock, timers, random })
  recorder.reportAssigned(() => trials.list.flatMap((trial) => trial.assigned.list(trial.experiment.key)))
  const parts = { instanceId, clock, timers, random, failed }
  const reporter = report && new ServedReporter({ ...parts, trials: trials.list, report, everyMs })
  const watch = new StateWatch({
    ...parts,
    source,
    apply(states) {
      if (!trials.comeUnder(states)) return
      if (reporter === undefined) trials.acknowledge()
      else void reporter.report()
    },
  })
  const { holding, poller } = watch

  const reasons: { [Reason in AssignmentReason]?: number } = {}
  const readsNumbers = options.coerceUnitId === 'string-number'
  let evaluated = 0
  let assigned = 0
  let lapses = 0
  let lapsedLease = Number.NaN
  let lastError: ExperimentError | null = null
  let closing: Promise<Account> | null = null

  function arm<V extends Variant>(
    experiment: Experiment<V>,
    unit: Unit,
    isServed: boolean,
    options: AssignOptions | undefined,
  ): Assignment<V> {
    const trial = find(experiment)
    const at = clock.monotonic()
    const arm = lacksConsent(options)
      ? { ...armOf(trial, NOBODY, at, undefined), reason: 'no-consent' as const }
      : armOf(trial, pseudonyms === null ? unit : pseudonyms.unit(unit, readsNumbers), at, options)
    evaluated += 1
    reasons[arm.reason] = (reasons[arm.reason] ?? 0) + 1
    if (isServed) {
      if (arm.reason === 'assigned') {
        assigned += 1
        trial?.assigned.add(arm.phase, arm.variant as string)
      }
      trial?.served.add(trial.variantOf(arm), at)
    }
    return arm as unknown as Assignment<V>
  }

  function armOf(
    trial: Trial | null,
    unit: Unit,
    at: number,
    options: AssignOptions | undefined,
  ): Assignment {
    if (trial === null) return NO_DEFINITION
    if (closing !== null) return serveControl(trial.loaded, unit, 'client-closed')
    if (at >= holding.leaseEndsAt) {
      noteLapse()
      if (!trial.keepsServing) return serveControl(trial.loaded, unit, 'stale-state')
    }
    if (options === undefined && trial.forced.isEmpty) return assign(trial.loaded, unit)
    return drawArm(trial.loaded, unit, {
      assignedAs: idOf(options?.assignedAs) as string | undefined,
      variant: options?.variant ?? trial.forced.of(unit),
    })
  }

  function find(experiment: Experiment): Trial | null {
    try {
      return trials.find(experiment)
    } catch (error) {
      failed(error)
      return null
    }
  }

  /** Once for each lease. */
  function noteLapse(): void {
    if (holding.leaseEndsAt === lapsedLease) return
    lapsedLease = holding.leaseEndsAt
    lapses += 1
    failed(
      new ExperimentError(
        'unreachable',
        'The lease on the state has lapsed, so every arm but control is withdrawn.',
        'See why the source does not renew it; experiments that `keep-serving` go on.',
      ),
    )
  }

  function failed(cause: unknown): void {
    const told = asExperimentError(cause)
    lastError = told
    // Whoever listens may fail, but not the service through us.
    const tell = async () => options.onError?.(told)
    tell().catch(() => undefined)
  }

  function status(): ClientStatus {
    const now = clock.monotonic()
    const account = recorder.account()
    const held = holding.snapshot !== null
    return {
      instanceId,
      isReady: watch.isReady,
      isClosed: closing !== null,
      revision: holding.snapshot?.revision ?? null,
      ageMs: watch.heardAt === null ? null : now - watch.heardAt,
      leaseLeftMs: held ? Math.max(0, holding.leaseEndsAt - now) : null,
      experiments: Object.fromEntries(
        trials.list.map(({ experiment, state, served }) => [
          experiment.key,
          {
            revision: served.revision,
            status: state?.fingerprint === experiment.fingerprint ? state.status : null,
          },
        ]),
      ),
      counters: {
        assigned,
        evaluated,
        exposed: account.exposures.offered - account.exposures.dropped['no-consent'],
        outcomes: account.outcomes.offered,
      },
      reasons: { ...reasons },
      source: {
        polls: poller.polls,
        failures: poller.failures,
        failing: poller.failing,
        ignored: holding.ignored,
        lapses,
        lastError: lastError && { code: lastError.code, message: lastError.message },
      },
      reports: { sent: reporter?.sent ?? 0, failures: reporter?.failures ?? 0 },
      account,
      health: recorder.health(),
    }
  }

  async function end(deadlineMs: number): Promise<Account> {
    const tidied = Promise.all([watch.stop(), reporter?.stop()])
    let deadline: unknown
    const tooLate = new Promise<void>((resolve) => {
      deadline = timers.start(resolve, deadlineMs, true)
    })
    const delivered = recorder.close(deadlineMs).catch(failed)
    await Promise.all([delivered, Promise.race([tidied, tooLate])])
    timers.stop(deadline)
    return recorder.account()
  }

  watch.start()
  return {
    ready: (deadlineMs = 10_000) => watch.ready(deadlineMs),
    assign: (experiment, unit, options) =>
      arm(experiment as unknown as Experiment, unit, true, options) as never,
    preview: (experiment, unit, options) =>
      arm(experiment as unknown as Experiment, unit, false, options) as never,
    override: (key, unitId, variant) => trials.named(key).forced.set(idOf(unitId), variant),
    expose: (arm, exposeOptions) =>
      recorder.expose(
        pseudonyms === null || lacksConsent(exposeOptions) ? arm : pseudonyms.arm(arm),
        exposeOptions,
      ),
    track: (outcome) =>
      recorder.track(pseudonyms === null || lacksConsent(outcome) ? outcome : pseudonyms.outcome(outcome)),
    refresh: () => poller.poll(),
    status,
    close(deadlineMs = 5_000) {
      closing ??= end(deadlineMs)
      return closing
    },
  }
}

/** What is served for something that is no definition: nothing, but in the form that callers read. */
const NO_DEFINITION: Assignment = Object.freeze({
  experiment: '',
  unitType: '',
  unitId: null,
  reason: 'invalid-definition',
  variant: null,
  config: Object.freeze({}),
  bucket: null,
  seed: 0,
  propensity: null,
  treatmentVersion: null,
  fingerprint: '',
  phase: 0,
  revision: 0,
})

function refuseUnusable(options: ClientOptions): void {
  const { experiments, source, sink, recorder, instanceId, reportEveryMs = 1 } = options
  const { reportServed, onError, coerceUnitId, maximumUnitIdBytes = 1 } = options
  if (typeof instanceId !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(instanceId)) {
    const remedy = 'Give 1 to 128 visible ASCII characters, different for each instance.'
    refuse('instanceId', JSON.stringify(instanceId), remedy)
  }
  if (!Array.isArray(experiments))
    refuse(
      'experiments',
      typeof experiments,
      'List the definitions of the service: [defineExperiment({ … })].',
    )
  refuseLacking(
    'source',
    source,
    ['read'],
    'Give httpSource({ url }), fileSource({ path }) or givenSnapshot(…).',
  )
  refuseNoDuration('source.pollMs', source.pollMs)
  if ((sink === undefined) === (recorder === undefined)) {
    throw new ExperimentError(
      'invalid-argument',
      'Events must have one way to go.',
      'Give either a `sink` or a `recorder`.',
    )
  }
  if (recorder !== undefined) refuseLacking('recorder', recorder, RECORDER, 'Give createRecorder({ sink }).')
  refuseNoDuration('reportEveryMs', reportEveryMs)
  refuseNoFunction('reportServed', reportServed)
  refuseNoFunction('onError', onError)
  if (coerceUnitId !== undefined && coerceUnitId !== 'string-number')
    refuse('coerceUnitId', JSON.stringify(coerceUnitId), "Give 'string-number', or leave it out.")
  if (!(maximumUnitIdBytes > 0))
    refuse(
      'maximumUnitIdBytes',
      String(maximumUnitIdBytes),
      'Give a number above 0, or leave it out for 1024.',
    )
}

const RECORDER = ['expose', 'track', 'account', 'health', 'reportAssigned', 'close']

function asExperimentError(error: unknown): ExperimentError {
  if (error instanceof ExperimentError) return error
  // Not all that is thrown can be turned into text.
  const other =
    typeof error === 'string' ? error : `with ${error === null ? 'null' : typeof error} for an error`
  const message = error instanceof Error ? error.message : other
  return new ExperimentError(
    'unreachable',
    `The source or the reporter of the client failed: ${message}.`,
    'It is tried again; the last good state stays in force.',
    {
      cause: error,
    },
  )
}

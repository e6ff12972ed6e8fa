import type { Meter, ObservableResult } from '@opentelemetry/api'
import type { Account, Tally } from '../account.ts'
import { type Clock, monotonic, systemClock } from '../clock.ts'
import type { Recorder } from '../recorder-doors.ts'
import { LateInstruments } from './late-instruments.ts'
import { apiOf, type OtelOptions } from './otel-api.ts'
import { PendingAge } from './pending-age.ts'

/** How a recorder is to be observed. */
export interface RecorderMetricsOptions extends OtelOptions {
  /** Names the way that events go, in the attribute `transport`: kafka, http, file. Default: default. */
  readonly transport?: string
  readonly clock?: Clock
}

/** What is observed of a recorder, or of a client by its status. */
export type ObservedRecorder = Pick<Recorder, 'account'> & Partial<Pick<Recorder, 'health'>>

/**
 * Lets an SDK read a recorder's account whenever it collects; the hot path pays nothing. Call it after the SDK was
 * registered, or call `refresh` again once it was. Attributes are `transport`, `kind` and `reason` alone: no unit, and
 * a fixed number of series.
 */
export function observeRecorder(
  recorder: ObservedRecorder,
  options: RecorderMetricsOptions = {},
): { refresh(): void } {
  const { transport = 'default', clock = systemClock } = options
  const instruments = new LateInstruments(apiOf(options), (meter) => {
    observeAccount(meter, () => recorder.account(), { transport })
    observeAge(meter, () => recorder.account(), clock, { transport })
    if (recorder.health !== undefined) observeHealth(meter, recorder.health, { transport })
    return true
  })
  const refresh = () => void instruments.current
  refresh()
  return { refresh }
}

type Labels = { readonly transport: string }

function observeAccount(meter: Meter, account: () => Account, labels: Labels): void {
  const counters: [name: string, unit: string, description: string, read: (account: Account) => number][] = [
    [
      'experiment.exposure.emitted',
      '{exposure}',
      'Exposures that were stored.',
      (account) => account.exposures.delivered,
    ],
    [
      'experiment.exposure.deduplicated',
      '{exposure}',
      'Exposures of a unit that was exposed already.',
      (account) => account.exposures.deduplicated,
    ],
    ['experiment.delivery.retries', '{retry}', 'Deliveries tried again.', (account) => account.retries],
  ]
  for (const [name, unit, description, read] of counters) {
    meter
      .createObservableCounter(name, { unit, description })
      .addCallback((result) => result.observe(read(account()), { ...labels }))
  }
  meter
    .createObservableCounter('experiment.exposure.dropped', {
      unit: '{exposure}',
      description: 'Exposures that were lost, by reason.',
    })
    .addCallback((result) => observeDrops(result, account().exposures, labels))
  meter
    .createObservableCounter('experiment.delivery.lost', {
      unit: '{event}',
      description: 'Events that were lost, by kind and reason.',
    })
    .addCallback((result) => {
      const { exposures, outcomes, summaries } = account()
      observeDrops(result, exposures, { ...labels, kind: 'exposure' })
      observeDrops(result, outcomes, { ...labels, kind: 'outcome' })
      observeDrops(result, summaries, { ...labels, kind: 'summary' })
    })
  const places = { queued: 'queue.size', inFlight: 'in_flight', spooled: 'spool.size' } as const
  for (const [place, name] of Object.entries(places) as [keyof typeof places, string][]) {
    meter
      .createObservableGauge(`experiment.exposure.${name}`, {
        unit: '{event}',
        description: 'Events that are pending, of all kinds.',
      })
      .addCallback((result) => result.observe(account().pendingIn[place], { ...labels }))
  }
}

function observeAge(meter: Meter, account: () => Account, clock: Clock, labels: Labels): void {
  const age = new PendingAge()
  meter
    .createObservableGauge('experiment.exposure.queue.oldest_age', {
      unit: 's',
      description:
        'How long the oldest pending event has been waiting, to within the time between two collections.',
    })
    .addCallback((result) => result.observe(age.look(account(), monotonic(clock)) / 1_000, { ...labels }))
}

/** Only what has been lost: a series of its own for each reason that never occurs would be noise. */
function observeDrops(result: ObservableResult, { dropped }: Tally, labels: object): void {
  for (const [reason, count] of Object.entries(dropped)) {
    if (count > 0) result.observe(count, { ...labels, reason: reason.replaceAll('-', '_') })
  }
}

function observeHealth(meter: Meter, health: Recorder['health'], labels: Labels): void {
  meter
    .createObservableGauge('experiment.exposure.queue.bytes', {
      unit: 'By',
      description: 'Bytes of the events that are in memory only.',
    })
    .addCallback((result) => result.observe(health().queue.bytes, { ...labels }))
  meter
    .createObservableGauge('experiment.exposure.spool.bytes', {
      unit: 'By',
      description: 'Bytes of the events in the spool.',
    })
    .addCallback((result) => {
      const { spool } = health()
      if (spool !== null) result.observe(spool.bytes, { ...labels })
    })
  meter
    .createObservableGauge('experiment.delivery.failing', {
      unit: 's',
      description: 'For how long the sink has been failing; 0 while it takes what it is given.',
    })
    .addCallback((result) => {
      const failing = health().reasons.map(({ forMs = 0 }) => forMs)
      result.observe(Math.max(0, ...failing) / 1_000, { ...labels })
    })
}

import type { Experiment, ExposureEvent, OutcomeEvent } from '@fairtrial/protocol'
import type { Problem } from '@fairtrial/protocol/error'
import { WHOLE_ARM } from './check-calls.ts'
import type { RecordedRun } from './verify-instrumentation.ts'

/** How far ahead a clock may be before its times count as of the future. */
const AHEAD_MS = 1_000
/** Long before there was anything to record; a time in seconds is before it too. */
const LONG_AGO = Date.UTC(2001, 8, 9)

/** What is wrong in the events of one run: missing fields, times that cannot be, exposures behind their outcomes. */
export function checkEvents(
  run: RecordedRun,
  { experiments, now }: { readonly experiments: readonly Experiment[]; readonly now: number },
): Problem[] {
  const exposures = run.events.filter((event) => event.schema === 'fairtrial.exposure/1')
  const outcomes = run.events.filter((event) => event.schema === 'fairtrial.outcome/1')
  const where = run.arm === null ? '' : `arm ${run.arm}, `
  return [
    ...exposures.flatMap((event) => {
      const path = `${where}exposure ${event.experiment}${event.trigger === undefined ? '' : `:${event.trigger}`} of ${event.unitId}`
      return [
        ...checkExposure(path, event, run.arm, experiments),
        ...checkTime(`${path}.exposedAt`, event.exposedAt, now),
        ...checkUnitId(path, event),
      ]
    }),
    ...outcomes.flatMap((event) => {
      const path = `${where}outcome ${event.name} of ${event.unitId}`
      return [
        ...checkTime(`${path}.occurredAt`, event.occurredAt, now),
        ...checkUnitId(path, event),
        ...checkOrder(path, event, exposures),
      ]
    }),
    ...checkJoins(where, outcomes, exposures),
  ]
}

function checkExposure(
  path: string,
  event: ExposureEvent,
  arm: string | null,
  experiments: readonly Experiment[],
): Problem[] {
  const problems: Problem[] = []
  const wrong = (field: keyof ExposureEvent, message: string, remedy: string) =>
    problems.push({ path: `${path}.${field}`, value: event[field], message, remedy })
  if (!(event.bucket >= 0 && event.bucket < 1_000_000))
    wrong('bucket', `is ${event.bucket}, not 0 to 999,999.`, WHOLE_ARM)
  if (!(event.seed > 0 && event.seed < 2 ** 32))
    wrong('seed', `is ${event.seed}, which no salt gives.`, WHOLE_ARM)
  if (!(event.propensity > 0 && event.propensity <= 1))
    wrong('propensity', `is ${event.propensity}, not above 0 and at most 1.`, WHOLE_ARM)
  if (!/^[0-9a-f]{64}$/.test(event.fingerprint))
    wrong('fingerprint', `is ${JSON.stringify(event.fingerprint)}, not 64 hex digits.`, WHOLE_ARM)
  if (experiments.length === 0) return problems

  const experiment = experiments.find(({ key }) => key === event.experiment)
  if (experiment === undefined) {
    wrong('experiment', 'is none of those given.', 'Give its definition in `experiments`, or mend the key.')
    return problems
  }
  const variant = experiment.variants.find(({ name }) => name === event.variant)
  if (variant === undefined)
    wrong('variant', `is ${JSON.stringify(event.variant)}, and there is no such.`, WHOLE_ARM)
  if (event.unitType !== experiment.unitType)
    wrong('unitType', `is "${event.unitType}", not "${experiment.unitType}".`, WHOLE_ARM)
  if (event.fingerprint !== experiment.fingerprint)
    wrong(
      'fingerprint',
      'is of another definition.',
      'Load the definition that is given here in the service too.',
    )
  if (variant?.treatmentVersion !== undefined && event.treatmentVersion !== variant.treatmentVersion)
    wrong(
      'treatmentVersion',
      `is ${event.treatmentVersion ?? 'missing'}, not ${variant.treatmentVersion}.`,
      WHOLE_ARM,
    )
  const isForced = arm !== null && experiment.variants.some(({ name }) => name === arm)
  if (isForced && event.variant !== arm)
    wrong(
      'variant',
      `is "${event.variant}", though every unit is in "${arm}".`,
      'Expose the arm that is held.',
    )
  return problems
}

function checkTime(path: string, time: number, now: number): Problem[] {
  const say = (message: string, remedy = 'Give epoch milliseconds, or leave it out for now.'): Problem[] => [
    { path, value: time, message: `is ${time}, ${message}`, remedy },
  ]
  if (time > now + AHEAD_MS) return say('which is in the future.')
  if (time >= LONG_AGO) return []
  if (time * 1_000 > LONG_AGO)
    return say('which is in seconds.', 'Give milliseconds: Date.now(), not Date.now() / 1000.')
  return say(`which is ${new Date(Math.max(time, -8.64e15)).toISOString().slice(0, 10)}.`)
}

/** What comes of turning nothing, or an object, into a text. */
const NO_ID = /^(undefined|null|NaN|true|false|0|\[object .*\])$/

function checkUnitId(path: string, { unitId }: ExposureEvent | OutcomeEvent): Problem[] {
  if (!NO_ID.test(unitId)) return []
  const message = `is "${unitId}": many units would be taken for one.`
  return [
    { path: `${path}.unitId`, value: unitId, message, remedy: 'Give the id of the unit, or nothing at all.' },
  ]
}

function checkOrder(path: string, outcome: OutcomeEvent, exposures: readonly ExposureEvent[]): Problem[] {
  const own = exposures.filter((one) => one.unitId === outcome.unitId && one.unitType === outcome.unitType)
  if (own.some(({ exposedAt }) => exposedAt <= outcome.occurredAt)) return []
  if (own.length > 0) {
    const message = `is ${outcome.occurredAt}, before the unit was exposed: it counts as history.`
    const remedy = 'Expose where the arm takes effect, before anything can come of it.'
    return [{ path: `${path}.occurredAt`, value: outcome.occurredAt, message, remedy }]
  }
  const namesake = exposures.find(({ unitId }) => unitId === outcome.unitId)
  if (namesake !== undefined) {
    const message = `is "${outcome.unitType}", but the unit was exposed as "${namesake.unitType}": it joins nothing.`
    const remedy = 'Track under the unit type of the experiment.'
    return [{ path: `${path}.unitType`, value: outcome.unitType, message, remedy }]
  }
  return []
}

/** Units that are tracked and never exposed may have had nothing to be exposed to; but not all of them. */
function checkJoins(
  where: string,
  outcomes: readonly OutcomeEvent[],
  exposures: readonly ExposureEvent[],
): Problem[] {
  const exposed = new Set(exposures.map(({ unitId }) => unitId))
  const [first] = outcomes
  if (first === undefined || exposures.length === 0 || outcomes.some(({ unitId }) => exposed.has(unitId)))
    return []
  const message = `is of units such as "${first.unitId}", none of which was exposed; "${exposures[0]!.unitId}" was.`
  const remedy = 'Track under the very id that the arm was assigned by.'
  return [{ path: `${where}track.unitId`, value: first.unitId, message, remedy }]
}

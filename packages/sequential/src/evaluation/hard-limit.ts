import { durationMs } from '@fairtrial/protocol'
import type {
  Direction,
  GuardrailEvaluation,
  MetricSummary,
  MinuteSum,
  SealedGuardrail,
  SealedMetric,
} from '@fairtrial/protocol'
import { sayAmount, sayShare } from './words.ts'

/** What a hard limit looks at: raw counts of one arm, whatever an interval makes of them. */
export interface LimitedArm {
  readonly treatment: MetricSummary
  readonly definition: SealedMetric
  /** Epoch milliseconds. */
  readonly asOf: number
  /** Of measurements: exposed units of either arm, which measurements do not tell. */
  readonly exposed?: { readonly control: number; readonly treatment: number }
}

type HardLimit = NonNullable<SealedGuardrail['hardLimit']>

/** An arm's mean at the end of a minute. */
interface Reading {
  readonly mean: number
  readonly units: number
}

const MINUTE = durationMs('1m')

/**
 * Too much of something is seen as it happens. Too little is seen only when the time for it is over: a unit that was
 * exposed a moment ago has not failed to start. What is to be confirmed is read at the ends of the last full minutes, each
 * time from the summary, with the numbers that units have by now: the same whoever reads it, also when nobody did a
 * minute ago. A summary without minutes, as of a table, has one reading, of all of the phase; and it acts.
 *
 * @returns undefined while no reading has the units for it
 */
export function checkHardLimit(limit: HardLimit, arm: LimitedArm): GuardrailEvaluation['hardLimit'] {
  const { worst, minimumUnits } = limit
  const { treatment, definition } = arm
  const { within, confirm } = treatment.minutes === undefined ? {} : limit
  const known = readingsOf(arm, within, confirm?.of).filter(
    ({ mean, units }) => units >= minimumUnits && Number.isFinite(mean),
  )
  const [newest] = known
  if (newest === undefined) return undefined
  const beyond = known.filter(({ mean }) => isBeyond(mean, worst, definition.direction)).length
  const say = (mean: number) =>
    definition.type === 'proportion' ? sayShare(mean) : sayAmount(mean, definition)
  const units = `${newest.units.toLocaleString('en-US')} ${newest.units === 1 ? 'unit' : 'units'}`
  const span = within === undefined ? '' : ` of the last ${within}`
  const often =
    confirm === undefined
      ? ''
      : `, beyond it at ${beyond} of the last ${confirm.of} minutes where ${confirm.breaches} act`
  return {
    breached: beyond >= (confirm?.breaches ?? 1),
    ...newest,
    worst,
    ...(confirm && { confirmed: { beyond, readings: known.length } }),
    detail: `${say(newest.mean)} over ${units}${span}; the worst allowed is ${say(worst)}${often}.`,
  }
}

function isBeyond(mean: number, worst: number, direction: Direction): boolean {
  return direction === 'decrease' ? mean > worst : mean < worst
}

/** One reading as of now, or so many at the ends of the last full minutes, the newest first. */
function readingsOf(
  { treatment, definition, asOf, exposed }: LimitedArm,
  within: HardLimit['within'],
  readings: number | undefined,
): Reading[] {
  const { minutes = [] } = treatment
  const running = Math.floor(asOf / MINUTE)
  const lasts = within === undefined ? Number.POSITIVE_INFINITY : Math.ceil(durationMs(within) / MINUTE)
  const all = phaseOf(treatment, definition)
  const readUntil = (end: number, from: number): Reading => {
    // Of all of the phase there is the sum, less the minutes that came later.
    const [n, sum, below] =
      within === undefined
        ? minutes.filter(([minute]) => minute >= end).reduce((rest, minute) => add(rest, minute, -1), all)
        : minutes
            .filter(([minute]) => minute >= from && minute < end)
            .reduce((sums, minute) => add(sums, minute, 1), NOTHING)
    return { mean: n > 0 ? sum / below : Number.NaN, units: exposed && n > 0 ? exposed.treatment : n }
  }
  if (readings === undefined) return [readUntil(running + 1, running - lasts)]
  return Array.from({ length: readings }, (_, i) => readUntil(running - i, running - i - lasts))
}

/** How many, the sum of their numbers, and what it is divided by. */
type Sums = readonly [n: number, sum: number, below: number]

const NOTHING: Sums = [0, 0, 0]

function add([n, sum, below]: Sums, [, moreN, moreSum, moreBelow]: MinuteSum, times: 1 | -1): Sums {
  return [n + times * moreN, sum + times * moreSum, below + times * moreBelow]
}

/** All of the phase; where more is better, of the units whose window has closed. */
function phaseOf(summary: MetricSummary, { type, direction }: SealedMetric): Sums {
  const [{ n, mean }, joint] =
    direction === 'decrease' ? [summary.current, summary.currentJoint] : [summary.closed, summary.joint]
  if (type !== 'ratio' || joint === undefined) return [n, n * mean, n]
  const [above = 0, below = 0] = joint.means
  return [n, joint.n * above, joint.n * below]
}

import { durationMs } from '@fairtrial/protocol'
import type { Experiment, RolloutState } from '@fairtrial/protocol'
import { sayCount, sayDuration } from './words.ts'

/** What must be there before a phase enrols anybody, all of it written out. */
interface WholeGate {
  readonly readiness: boolean
  /** Milliseconds. */
  readonly maximumAge: number
  readonly approvals: number
}

/** The plan's gate before a start; one that asks for nothing is none. */
export function gateOf({ ramp }: Experiment): WholeGate {
  const { readiness = false, maximumAge = '7d', approvals = 0 } = ramp.start ?? {}
  return { readiness, maximumAge: durationMs(maximumAge), approvals }
}

/** The plan as if nothing were asked for before a start: for a trial that was recorded, or is simulated. */
export function ungated(experiment: Experiment): Experiment {
  const { start: _, ...ramp } = experiment.ramp
  return { ...experiment, ramp }
}

/** What the gate asks for, as a list for a sentence; none: a phase begins at once. */
export function askedForStart(experiment: Experiment): readonly string[] {
  const { readiness, approvals } = gateOf(experiment)
  return [
    ...(readiness ? ['a readiness report that passes every check'] : []),
    ...(approvals > 0 ? [sayCount(approvals, 'approval')] : []),
  ]
}

/** What is missing before the phase may start, a sentence each, with what to do about it. */
export function missingForStart(experiment: Experiment, state: RolloutState, now: number): readonly string[] {
  return [...missingReadiness(experiment, state, now), ...missingApprovals(experiment, state)]
}

/** Asked again at the start: a report may have aged while people were waited for. */
export function missingReadiness(
  experiment: Experiment,
  state: RolloutState,
  now: number,
): readonly string[] {
  const { readiness: isAsked, maximumAge } = gateOf(experiment)
  if (!isAsked) return []
  const given = state.readiness ?? null
  const way = `make it with fairtrial ready, and give it with fairtrial rollout ready ${state.experiment}.`
  if (given === null) return [`A readiness report that passes every check is missing: ${way}`]
  const problem = ageProblem(given.madeAt, now, maximumAge)
  return problem === null ? [] : [`The readiness report that ${given.by} gave ${problem}; ${way}`]
}

/** How far the clock of whoever makes reports may be ahead of the controller's. */
const CLOCK_TOLERANCE_MS = 300_000

/** What is wrong with the time at which a report was made; null where nothing is. */
export function ageProblem(madeAt: number, now: number, maximumAge: number): string | null {
  const age = now - madeAt
  // Written so that an age which is not a number is too old.
  if (age < -CLOCK_TOLERANCE_MS) return `was made ${sayDuration(-age)} ahead of this clock`
  if (!(age <= maximumAge)) {
    return `is ${sayDuration(age)} old, and the plan allows ${sayDuration(maximumAge)}`
  }
  return null
}

function missingApprovals(experiment: Experiment, state: RolloutState): readonly string[] {
  const { approvals: asked } = gateOf(experiment)
  const given = state.approvals ?? []
  if (given.length >= asked) return []
  const who = given.length === 0 ? 'nobody yet' : given.map(({ by }) => by).join(', ')
  return [
    `The start waits for people: ${asked} must approve, and ${who} did; any operator may, with fairtrial rollout approve ${state.experiment}.`,
  ]
}

import { durationMs } from '@fairtrial/protocol'
import type { Experiment, GivenReadiness, OpenGate, RolloutState } from '@fairtrial/protocol'
import { sayCount, sayDuration, sayList } from './words.ts'

/** The plan's gate before a start; one that asks for nothing is none. */
function gateOf({ ramp }: Pick<Experiment, 'ramp'>): OpenGate {
  const { readiness = false, maximumAge = '7d', approvals = 0 } = ramp.start ?? {}
  return { readiness, maximumAgeMs: durationMs(maximumAge), approvals }
}

/**
 * What is asked for before the phase starts: of the gate that it was opened with and the plan's in hand, the stricter in
 * each part. Who edits a plan lets nobody through.
 */
export function gateInForce(
  experiment: Pick<Experiment, 'ramp'>,
  { gate }: Pick<RolloutState, 'gate'>,
): OpenGate {
  const planned = gateOf(experiment)
  if (gate === undefined) return planned
  const asking = [gate, planned].filter(({ readiness }) => readiness)
  return {
    ...gate,
    readiness: asking.length > 0,
    maximumAgeMs: Math.min(...(asking.length > 0 ? asking : [gate]).map(({ maximumAgeMs }) => maximumAgeMs)),
    approvals: Math.max(gate.approvals, planned.approvals),
  }
}

/** What a phase is opened to ask for; null where it begins at once. */
export function openedGate(experiment: Experiment, before: RolloutState | null): OpenGate | null {
  const gate = gateOf(experiment)
  if (!gate.readiness && gate.approvals === 0) return null
  if (before === null) return gate
  // Of another definition, there may be a report since that one began; of the same, what came of it says more than what was before.
  const isSame = before.fingerprint === experiment.fingerprint
  return { ...gate, evidenceFrom: isSame ? before.changedAt : before.startedAt }
}

/** The plan as if nothing were asked for before a start: for a trial that was recorded, or is simulated. */
export function ungated(experiment: Experiment): Experiment {
  const { start: _, ...ramp } = experiment.ramp
  return { ...experiment, ramp }
}

/** What a gate asks for, as a list for a sentence. */
export function sayAsked({ readiness, approvals }: OpenGate): readonly string[] {
  return [
    ...(readiness ? ['a readiness report that passes every check'] : []),
    ...(approvals > 0 ? [sayCount(approvals, 'approval')] : []),
  ]
}

/** What is missing before the phase may start, a sentence each, with what to do about it. */
export function missingForStart(experiment: Experiment, state: RolloutState, now: number): readonly string[] {
  const missing = [...missingReadiness(experiment, state, now), ...missingApprovals(experiment, state)]
  return missing.length === 0 ? [] : [...missing, ...sayWeakened(experiment, state)]
}

/** Asked again at the start: a report may have aged while people were waited for. */
export function missingReadiness(
  experiment: Experiment,
  state: RolloutState,
  now: number,
): readonly string[] {
  if (!gateInForce(experiment, state).readiness) return []
  const given = state.readiness ?? null
  const way = `make it with fairtrial ready, and give it with fairtrial rollout ready ${state.experiment}.`
  if (given === null) return [`A readiness report that passes every check is missing: ${way}`]
  const problem = timeProblem(experiment, state, given, now)
  return problem === null ? [] : [`The readiness report that ${given.by} gave ${problem}; ${way}`]
}

/** How far the clock of whoever makes reports may be ahead of the controller's. */
const CLOCK_TOLERANCE_MS = 300_000

/** What is wrong with when a report, and what it stands on, was made; null where nothing is. */
export function timeProblem(
  experiment: Experiment,
  state: RolloutState,
  { madeAt, oldestEvidenceAt = madeAt }: Pick<GivenReadiness, 'madeAt' | 'oldestEvidenceAt'>,
  now: number,
): string | null {
  const { maximumAgeMs, evidenceFrom = -Infinity } = gateInForce(experiment, state)
  if (madeAt - now > CLOCK_TOLERANCE_MS) return `was made ${sayDuration(madeAt - now)} ahead of this clock`
  const oldest = Math.min(madeAt, oldestEvidenceAt)
  const age = now - oldest
  // Written so that an age which is not a number is too old.
  if (!(age <= maximumAgeMs)) {
    const is = oldest < madeAt ? 'stands on what is' : 'is'
    return `${is} ${sayDuration(age)} old, and the plan allows ${sayDuration(maximumAgeMs)}`
  }
  if (oldest < evidenceFrom) {
    const is = oldest < madeAt ? 'stands on what is' : 'is'
    return `${is} older than what phase ${state.phase - 1} has shown, which asks for a new trial of it`
  }
  return null
}

function missingApprovals(experiment: Experiment, state: RolloutState): readonly string[] {
  const { approvals: asked } = gateInForce(experiment, state)
  const given = state.approvals ?? []
  if (given.length >= asked) return []
  const who = given.length === 0 ? 'nobody yet' : given.map(({ by }) => by).join(', ')
  return [
    `The start waits for people: ${asked} must approve, and ${who} did; any operator may, with fairtrial rollout approve ${state.experiment} --revision ${state.revision}.`,
  ]
}

/** Whoever has taken a gate out of the plan is told why it is still there. */
function sayWeakened(experiment: Experiment, state: RolloutState): readonly string[] {
  const planned = gateOf(experiment)
  const inForce = gateInForce(experiment, state)
  if (planned.readiness === inForce.readiness && planned.approvals === inForce.approvals) return []
  return [
    `Phase ${state.phase} was opened to ask for ${sayList(sayAsked(inForce), 'and')}. The plan asks for less since then: that is for the next phase, which an abort and a retry open.`,
  ]
}

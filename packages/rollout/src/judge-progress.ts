import { durationMs } from '@fairtrial/protocol'
import { type Case, hasLookedSince } from './evidence.ts'
import { binding } from './guardrail-reading.ts'
import { holdFor } from './judge-doubt.ts'
import { absences } from './missing-evidence.ts'
import { stageOf } from './plan.ts'
import { winnersOf } from './primaries.ts'
import type { Verdict } from './verdict.ts'
import { sayCount, sayDuration } from './words.ts'

/**
 * Asked only of evidence that is there, sound, and free of harm: the stage's time and units, its guardrails, what the
 * primaries say, and last, its approvals. At the horizon whatever still waits stops.
 */
export function judgeProgress(given: Case): Verdict {
  const { experiment, state, now } = given
  const { horizon } = experiment.hypothesis
  if (now - state.startedAt < durationMs(horizon)) return stepOf(given)
  const step = stepOf(given)
  if (step.action === 'ship' || step.action === 'stop') return step
  const over = `The horizon of ${sayDuration(durationMs(horizon))} has passed without a result to ship.`
  return {
    action: 'stop',
    rule: 'plan-end',
    reasons: step.action === 'advance' ? [over] : [over, ...step.reasons],
  }
}

function stepOf(given: Case): Verdict {
  const { experiment, state, evaluation, readings } = given
  const wait = waiting(given)
  if (wait !== null) return wait
  const unknown = binding(readings).filter(({ verdict }) => verdict !== 'ok')
  if (unknown.length > 0) {
    return holdFor(
      given,
      'guardrail-unknown',
      unknown.map(({ detail }) => detail),
    )
  }
  const { winners, contenders, reasons, areDecided, deteriorations } = winnersOf(experiment, evaluation)
  if (areDecided) {
    const over = 'The looks of the plan are over, without a result to ship.'
    return { action: 'stop', rule: 'plan-end', reasons: [over, ...reasons] }
  }
  const next = experiment.ramp.stages[state.stage + 1]
  const best = winners[0]
  if (contenders.length === 0) {
    const stands = next === undefined ? 'Nothing ships' : 'Traffic does not grow'
    const worse = `${stands} while every treatment is worse on something.`
    return { action: 'continue', rule: 'deterioration', reasons: [worse, ...deteriorations] }
  }
  if (next === undefined && best === undefined) return { action: 'continue', rule: 'awaiting-plan', reasons }
  const approval = missingApproval(given)
  if (approval !== null) return approval
  if (next === undefined) {
    return { action: 'ship', rule: 'plan-success', reasons, ...(best !== undefined && { shipVariant: best }) }
  }
  const complete =
    `Stage ${state.stage + 1} of ${experiment.ramp.stages.length} is complete: its time and units are met and every guardrail is inside its margin. ` +
    `Traffic goes from ${state.trafficPercent} % to ${next.trafficPercent} %.`
  return { action: 'advance', rule: 'stage-complete', reasons: [complete] }
}

/** The stage's own time and units, and a look since it began; null once all are met. */
function waiting(given: Case): Verdict | null {
  const { experiment, state, evaluation, audit, now } = given
  const stage = stageOf(experiment, state.stage)
  const name = `Stage ${state.stage + 1}`
  const stayed = now - state.stageStartedAt
  const wait = (rule: 'stage-time' | 'stage-units', reasons: readonly string[]): Verdict => ({
    action: 'continue',
    rule,
    reasons,
  })
  if (!(stayed >= durationMs(stage.holdFor))) {
    return wait('stage-time', [
      `${name} has lasted ${sayDuration(stayed)} of at least ${sayDuration(durationMs(stage.holdFor))}.`,
    ])
  }
  if (!hasLookedSince(given)) return wait('stage-time', [`${name} has begun after the last look at it.`])
  const short = experiment.variants
    .map(({ name: variant }) => ({ variant, units: evaluation?.units[variant] ?? 0 }))
    .filter(({ units }) => !(units >= stage.minimumUnits))
    .map(
      ({ variant, units }) =>
        `${variant} has ${sayCount(units, 'unit')} of the ${stage.minimumUnits} that stage ${state.stage + 1} asks of each arm.`,
    )
  const reasons = [...short, ...absences(audit)]
  return reasons.length === 0 ? null : wait('stage-units', reasons)
}

/** The last gate. Whoever has approved, guardrails are judged at every look until it opens. */
function missingApproval({ experiment, state }: Case): Verdict | null {
  const asked = stageOf(experiment, state.stage).approvals ?? 0
  const approvals = state.approvals ?? []
  if (approvals.length >= asked) return null
  const who = approvals.length === 0 ? 'nobody yet' : approvals.map(({ by }) => by).join(', ')
  const reason = `All else is met. Stage ${state.stage + 1} waits for people: ${asked} must approve, and ${who} did.`
  return { action: 'continue', rule: 'awaiting-approval', reasons: [reason] }
}

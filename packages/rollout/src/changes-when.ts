import { durationMs } from '@fairtrial/protocol'
import type { DecisionRule } from '@fairtrial/protocol'
import type { Case } from './evidence.ts'
import { patienceOf, stageOf } from './plan.ts'
import { isFinal } from './start.ts'
import { gateInForce, missingReadiness } from './start-gate.ts'
import type { Verdict } from './verdict.ts'
import { sayCount, sayDuration, sayList, sayValue } from './words.ts'

/** What would change a decision, a plain sentence each: what goes on, what ends it, what aborts it. */
export function changesWhen(given: Case, { action, rule }: Verdict): readonly string[] {
  if (isFinal(given.state) || action === 'abort' || action === 'stop') return [afterTheEnd(given, action)]
  if (given.state.awaitsStart === true) return [starts(given, rule)]
  if (action === 'hold') return [...goingOn(given, rule), ...abortWhen(given)]
  if (rule === 'plan-success')
    return [...afterShipping(given), ...abortWhen(given, given.experiment.ramp.bake)]
  if (rule === 'baked') return afterShipping({ ...given, state: { ...given.state, status: 'baking' } })
  if (rule === 'baking') return [bakedWhen(given), ...abortWhen(given)]
  return [...nextWhen(given, rule), ...abortWhen(given)]
}

/** Nobody is served: only a start, or a person, changes anything. */
function starts({ experiment, state, now }: Case, rule: DecisionRule): string {
  if (rule === 'start') return 'Nothing: from now on evidence decides, or a person.'
  const { approvals: asked } = gateInForce(experiment, state)
  const more = asked - (state.approvals?.length ?? 0)
  const conditions = [
    ...(rule === 'operator-hold' ? ['somebody resumes it'] : []),
    ...(missingReadiness(experiment, state, now).length > 0
      ? ['a readiness report that passes every check is given']
      : []),
    ...(more > 0 ? [sayCount(more, 'more person approves', 'more people approve')] : []),
  ]
  return `The start: when ${sayList(conditions, 'and')}.`
}

function afterTheEnd({ experiment, state, now }: Case, action: Verdict['action']): string {
  if (state.status === 'shipped')
    return 'Nothing: what has shipped stays. What comes next is a trial of its own.'
  const { coolDown } = experiment.ramp
  const endedAt = isFinal(state) ? state.changedAt : now
  const left = coolDown === undefined ? 0 : durationMs(coolDown) - (now - endedAt)
  const from = left > 0 ? `, from ${sayDuration(left)} on` : ''
  const what = action === 'abort' || action === 'stop' ? 'The end of a phase is final. ' : ''
  return `${what}A retry: when a person orders it${from}. It opens phase ${state.phase + 1}, with fresh evidence.`
}

function afterShipping({ experiment, state }: Case): readonly string[] {
  const { bake } = experiment.ramp
  return bake === undefined || state.status === 'baking'
    ? ['Nothing: what ships stays.']
    : [`A rollback: while it bakes, for ${sayDuration(durationMs(bake.for))} from now.`]
}

/** How the hold ends. */
function goingOn(
  { experiment, state, incomplete = null, now, clearSince }: Case,
  rule: DecisionRule,
): readonly string[] {
  if (rule === 'operator-hold') return [`Going on: when somebody resumes it.`]
  const { maximumDataAge, maximumHold, extension } = patienceOf(experiment)
  const { coolDown } = experiment.ramp
  const length = coolDown === undefined ? 0 : durationMs(coolDown)
  const cooled = length > 0 ? `, and has stayed so for ${sayDuration(length)}` : ''
  const clear: { readonly [Rule in DecisionRule]?: string } = {
    'audit-broken': 'when the audit finds nothing broken any more',
    'missing-evidence':
      incomplete === null
        ? `when there is an evaluation and an audit of this phase, on data not older than ${sayDuration(maximumDataAge)}`
        : 'when what is behind has come into the log',
    'guardrail-hold': 'when no interval lies wholly beyond its margin any more',
    'guardrail-unknown': "when every guardrail's interval lies wholly inside its margin",
    deterioration: 'when nothing is worse any more',
  }
  const goes =
    rule === 'cooling-down'
      ? `when nothing has held it for another ${sayDuration(length - (now - (clearSince ?? now)))}`
      : `${clear[rule] ?? 'when its reason is gone'}${cooled}`
  const heldSince = state.holdingSince ?? now
  const extendedAt = state.extendedAt ?? (rule === 'hold-extended' ? now : null)
  // A hold that somebody has held by hand in between is as long again, and its extension may be over before.
  const end = Math.max(heldSince + maximumHold, extendedAt === null ? 0 : extendedAt + extension)
  const longer =
    extendedAt === null && extension > 0 ? `, or ${sayDuration(extension)} later if evidence arrives` : ''
  return [`Going on: ${goes}.`, `An abort: when that has not come in ${sayDuration(end - now)}${longer}.`]
}

/** What the rollout waits for before traffic grows or a treatment ships. */
function nextWhen({ experiment, state, now }: Case, rule: DecisionRule): readonly string[] {
  const { stages } = experiment.ramp
  const stage = stageOf(experiment, state.stage)
  const isLast = state.stage >= stages.length - 1
  const next = isLast ? 'Shipping' : 'An advance'
  const asked = (stage.approvals ?? 0) - (state.approvals?.length ?? 0)
  const people = asked > 0 ? sayCount(asked, 'more person approves', 'more people approve') : ''
  const timeLeft = durationMs(stage.holdFor) - (now - state.stageStartedAt)
  const left = durationMs(experiment.hypothesis.horizon) - (now - state.startedAt)
  const stop = `A stop: at the horizon, in ${sayDuration(left)}, when nothing has shipped by then.`
  if (rule === 'awaiting-approval') return [`${next}: when ${people}.`, stop]
  const conditions = [
    ...(timeLeft > 0
      ? [
          `stage ${state.stage + 1} has lasted ${sayDuration(durationMs(stage.holdFor))}, in ${sayDuration(timeLeft)}`,
        ]
      : []),
    ...(rule === 'stage-time' || rule === 'stage-units'
      ? [
          `each arm has ${sayCount(stage.minimumUnits, 'unit')} and every guardrail's interval lies wholly inside its margin`,
        ]
      : []),
    ...(isLast ? ['a treatment is better on a primary metric and worse on nothing'] : []),
    ...(rule === 'deterioration' && !isLast ? ['a treatment is worse on nothing'] : []),
    ...(people === '' ? [] : [people]),
  ]
  return conditions.length === 0 ? [stop] : [`${next}: when ${sayList(conditions, 'and')}.`, stop]
}

function bakedWhen({ experiment, state, now }: Case): string {
  const { bake } = experiment.ramp
  const left = (bake === undefined ? 0 : durationMs(bake.for)) - (now - state.stageStartedAt)
  const time = left > 0 ? `in ${sayDuration(left)}, ` : ''
  return `Shipping for good: ${time}when every guardrail's interval lies wholly inside its margin then, and nothing is worse.`
}

/** The guardrails that abort, and their hard limits. */
function abortWhen({ experiment, state }: Case, isServed: unknown = true): readonly string[] {
  if (isServed === undefined) return []
  const acting = experiment.guardrails.filter(({ shadow }) => !shadow)
  const beyond = acting.filter(({ action }) => action === 'abort').map(({ metric }) => metric)
  const limits = acting.flatMap(({ metric, hardLimit }) =>
    hardLimit === undefined ? [] : [`${sayValue(hardLimit.worst, experiment.metrics[metric])} of ${metric}`],
  )
  const { unprovenUnits } = experiment.ramp
  const causes = [
    ...(beyond.length === 0
      ? []
      : [`the interval of ${sayList(beyond, 'or')} lies wholly beyond its margin`]),
    ...(limits.length === 0 ? [] : [`an arm is worse than ${sayList(limits, 'or')}`]),
    ...(unprovenUnits === undefined || state.status === 'baking'
      ? []
      : [
          `more than ${sayCount(unprovenUnits, 'unit')} have met a treatment before every guardrail is inside its margin`,
        ]),
  ]
  return causes.length === 0 ? [] : [`An abort: when ${sayList(causes, 'or')}.`]
}

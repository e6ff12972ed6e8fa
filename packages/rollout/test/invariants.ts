import { durationMs } from '@fairtrial/protocol'
import type { Experiment, JsonObject, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { isSamePerson } from '../src/approve.ts'
import { gateInForce, missingReadiness, openedGate } from '../src/start-gate.ts'
import { isFinal } from '../src/start.ts'

/** The share of eligible units that may meet a treatment. */
export function reachOf({ shippedVariant, trafficPercent }: RolloutState): number {
  return shippedVariant === null ? trafficPercent : 100
}

/** What must hold of every change of state, whoever made it, in whatever order: what does not, a sentence each. */
export function brokenInvariants(experiment: Experiment, event: TransitionEvent): readonly string[] {
  const { from, to, decision } = event
  const wrong: string[] = []
  const must = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(what)
  }
  must(to.revision === (from?.revision ?? 0) + 1, 'A revision grows by one.')
  must(
    (to.shippedVariant !== null) === (to.status === 'baking' || to.status === 'shipped'),
    'A variant is served to everybody while it bakes and once it has shipped, and never else.',
  )
  if (isFinal(to)) must(to.trafficPercent === 0, 'Nobody is enrolled in what is over.')
  const awaits = to.awaitsStart ?? false
  must(!awaits || (to.status === 'holding' && reachOf(to) === 0), 'Nobody is enrolled before the start.')
  const people = (to.approvals ?? []).map(({ by }) => by)
  must(
    people.every((one, i) => people.slice(i + 1).every((other) => !isSamePerson(one, other))),
    'Two approvals are of two people.',
  )
  if (from === null || isFinal(from)) {
    const gate = openedGate(experiment, from)
    must(awaits === (gate !== null), 'A phase awaits its start where the plan asks so.')
    must(JSON.stringify(to.gate ?? null) === JSON.stringify(gate), 'A phase keeps the gate of its opening.')
  }
  if (from === null) return wrong

  if (isFinal(from)) {
    must(from.status !== 'shipped', 'What has shipped is not opened again.')
    must(decision === null, 'No decision opens what is over.')
    must(
      to.phase === from.phase + 1 && to.stage === 0,
      'A retry is a phase of its own, from its first stage.',
    )
    must(to.startedAt === to.changedAt && to.holdingSince === null, 'A phase begins with nothing behind it.')
    const { coolDown } = experiment.ramp
    const rested = to.changedAt - from.changedAt
    must(coolDown === undefined || rested >= durationMs(coolDown), 'A retry waits for the cool-down.')
    return wrong
  }
  must(JSON.stringify(to.gate) === JSON.stringify(from.gate), 'No gate changes while its phase lasts.')
  if (event.readiness !== undefined && from.readiness) {
    must(people.length === 0, 'What takes the place of a report is approved anew.')
  }
  must(to.phase === from.phase, 'A phase ends before the next begins.')
  const starts = from.awaitsStart === true && to.awaitsStart !== true && !isFinal(to)
  must(from.awaitsStart === true || !awaits, 'What has started awaits no start.')
  if (starts) return [...wrong, ...brokenByStart(experiment, event)]
  must(to.stage - from.stage === 0 || to.stage - from.stage === 1, 'No stage is skipped.')
  const stage = experiment.ramp.stages[from.stage]!
  const leaves = to.stage > from.stage || (from.status !== 'baking' && to.shippedVariant !== null)
  if (leaves) {
    must((from.approvals ?? []).length >= (stage.approvals ?? 0), 'A stage is left with its approvals only.')
  }
  if (decision === null) {
    const grows = reachOf(to) > reachOf(from)
    must(!grows || to.stage === from.stage + 1, 'By hand traffic grows by an advance only.')
    return wrong
  }
  if ((from.heldBy ?? null) !== null)
    must(to.status === 'aborted', 'A hold by hand is left by an abort only.')
  const passes = decision.action === 'advance' || decision.action === 'ship'
  if (reachOf(to) > reachOf(from) || leaves || to.status === 'shipped') {
    must(passes, 'Only an advance and a shipping reach further.')
    const least = from.status === 'baking' ? experiment.ramp.bake!.for : stage.holdFor
    must(to.changedAt - from.stageStartedAt >= durationMs(least), 'A stage, and a bake, lasts its time.')
    for (const guardrail of decision.evidence['guardrails'] as readonly JsonObject[]) {
      must(guardrail['verdict'] === 'ok', 'Nothing passes that is not proven harmless.')
    }
    const audit = decision.evidence['audit'] as JsonObject | null
    must(audit !== null && audit['verdict'] !== 'broken', 'Nothing passes that the audit does not trust.')
    must(Number(decision.evidence['evaluatedAt']) > from.stageStartedAt, 'Nothing passes unseen.')
  }
  return wrong
}

/** What must hold of the change that enrols the first unit of a phase. */
function brokenByStart(
  experiment: Experiment,
  { from, to, by, decision }: TransitionEvent,
): readonly string[] {
  const { awaitsStart: _, ...before } = from!
  const approvals = before.approvals ?? []
  const { approvals: asked } = gateInForce(experiment, before)
  const wrong: string[] = []
  if (approvals.length < asked) wrong.push('No phase starts without its approvals.')
  if (missingReadiness(experiment, before, to.changedAt).length > 0) {
    const isSecond = asked === 0 || approvals.some((approval) => !isSamePerson(approval.by, by))
    if (decision !== null) wrong.push('No decision starts a phase without a report that is fresh.')
    else if (!isSecond) wrong.push('Nobody overrides a report alone where the plan asks for people.')
  }
  if (decision !== null && decision.rule !== 'start') wrong.push('Only a start starts.')
  if ((before.heldBy ?? null) !== null) wrong.push('What somebody holds does not start.')
  const times = [to.startedAt, to.stageStartedAt]
  if (times.some((at) => at !== to.changedAt) || to.stage !== 0) {
    wrong.push('A start is the beginning: every time of the phase runs from it.')
  }
  if ((to.approvals ?? []).length > 0) wrong.push('Approvals of the start approve no stage.')
  return wrong
}

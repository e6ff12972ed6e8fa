import type { Decision } from '@fairtrial/protocol'
import { changesWhen } from './changes-when.ts'
import { brokenFindings } from './check-action.ts'
import { numbersBehind } from './decision-numbers.ts'
import { type Case, type Evidence, isOfPhase } from './evidence.ts'
import { readGuardrails } from './guardrail-reading.ts'
import { believedOf } from './half-a-log.ts'
import { judgeBake } from './judge-bake.ts'
import { coolDown, judgeDoubt, judgeOperatorHold } from './judge-doubt.ts'
import { judgeHarm } from './judge-harm.ts'
import { judgeProgress } from './judge-progress.ts'
import { judgeStart } from './judge-start.ts'
import { isFinal } from './start.ts'
import type { Verdict } from './verdict.ts'

/**
 * Evidence → what to do. Rules are asked in one order: harm, then what a person holds, then doubt, then success.
 *
 * - A phase that awaits its start serves nobody, and is asked nothing but whether all that the plan's `ramp.start` asks for
 *   is there.
 * - Harm aborts in every state that still serves a treatment, on whatever evidence of this phase there is:
 *   also on old numbers, also while the audit is broken, also while holding or baking.
 * - Doubt holds, for at most the shortest `maximumHold` and one extension, then aborts. There is no path from missing
 *   evidence to `advance` or `ship`.
 * - A guardrail with action `alert` never changes the action, nor does one in shadow; both are told. A hard limit that is not
 *   in shadow always aborts.
 */
export function decide(evidence: Evidence): Decision {
  const { experiment, state, evaluation, incomplete = null, now } = evidence
  const read = isOfPhase(evaluation, state) ? readGuardrails(experiment, evaluation) : []
  const readings = incomplete === null ? read : believedOf(experiment, incomplete, read)
  const given: Case = { ...evidence, readings }
  const verdict = judge(given)
  const wouldAbort = isFinal(state) ? [] : shadows(given)
  const { shipVariant } = verdict
  return {
    schema: 'fairtrial.decision/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase: state.phase,
    revision: state.revision,
    decidedAt: now,
    action: verdict.action,
    rule: verdict.rule,
    reasons: [...verdict.reasons, ...asides(given, verdict.reasons)],
    changesWhen: changesWhen(given, verdict),
    ...(wouldAbort.length > 0 && { wouldAbort }),
    evidence: numbersBehind(given),
    ...(shipVariant === undefined ? {} : { shipVariant }),
  }
}

function judge(given: Case): Verdict {
  const { state } = given
  if (isFinal(state)) {
    return {
      action: 'continue',
      rule: 'finished',
      reasons: [`The phase is over: it was ${state.status}. ${state.cause}`],
    }
  }
  const verdict = judgeStart(given) ?? judgeHarm(given) ?? judgeOperatorHold(given) ?? judgeDoubt(given)
  if (verdict !== null) return verdict
  return coolDown(given, state.status === 'baking' ? judgeBake(given) : judgeProgress(given))
}

/** What guardrails in shadow would have done. */
function shadows({ readings }: Case): readonly string[] {
  return readings
    .filter(({ shadow }) => shadow)
    .flatMap(({ verdict, action, hardLimitBreached, hardLimitDetail, detail }) => {
      if (hardLimitBreached) return [`Would have aborted. ${hardLimitDetail}`]
      if (verdict !== 'breach' || action === 'alert') return []
      return [`Would have ${action === 'abort' ? 'aborted' : 'held'}. ${detail}`]
    })
}

/** Told whatever is decided, unless it is a reason already: breaches that only alert, and what the audit warns of. */
function asides({ experiment, audit, readings }: Case, reasons: readonly string[]): readonly string[] {
  const alerts = readings.filter(
    ({ action, shadow, verdict }) => action === 'alert' && verdict === 'breach' && !shadow,
  )
  const cautions = (audit?.findings ?? []).filter(({ severity }) => severity === 'caution')
  return [
    ...alerts.map((reading) => `Alert only. ${reading.detail}`),
    ...brokenFindings(experiment, audit, 'warn').map(
      ({ code, detail }) => `The plan only warns of ${code}: ${detail}`,
    ),
    ...cautions
      .filter(({ detail }) => !reasons.some((reason) => reason.includes(detail)))
      .map(({ detail }) => `Caution from the audit: ${detail}`),
  ]
}

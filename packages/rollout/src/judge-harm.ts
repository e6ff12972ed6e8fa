import type { Finding } from '@fairtrial/protocol'
import { brokenFindings, checkActionOf, isAbsence } from './check-action.ts'
import type { Case } from './evidence.ts'
import { binding } from './guardrail-reading.ts'
import { isYoung } from './missing-evidence.ts'
import { patienceOf, treatmentsOf } from './plan.ts'
import type { Verdict } from './verdict.ts'
import { sayCount } from './words.ts'

/**
 * What aborts at once, in every state that serves a treatment, on whatever evidence of this phase there is: also on old
 * numbers, also while the audit is broken, also while somebody holds the rollout by hand.
 */
export function judgeHarm(given: Case): Verdict | null {
  const harm = hardLimits(given) ?? breaches(given)
  // What is not there yet is no gap, and a guardrail that half a log cannot prove harmless may be.
  if (harm !== null || (given.incomplete ?? null) !== null) return harm
  return failedChecks(given) ?? spentBudget(given)
}

/** A hard limit aborts whatever its guardrail's action is, but in shadow. */
function hardLimits({ readings }: Case): Verdict | null {
  const limits = readings.filter((reading) => reading.hardLimitBreached && !reading.shadow)
  if (limits.length === 0) return null
  const reasons = limits.flatMap((reading) => [reading.hardLimitDetail, reading.detail])
  return { action: 'abort', rule: 'hard-limit', reasons }
}

function breaches({ readings }: Case): Verdict | null {
  const harmful = readings.filter(
    ({ verdict, action, shadow }) => verdict === 'breach' && action === 'abort' && !shadow,
  )
  if (harmful.length === 0) return null
  return { action: 'abort', rule: 'guardrail-breach', reasons: harmful.map((reading) => reading.detail) }
}

/** What the plan has abort where the audit finds it, in an audit of this phase. */
function failedChecks({ experiment, state, audit, now }: Case): Verdict | null {
  if (audit === null || audit.experiment !== state.experiment || audit.fingerprint !== state.fingerprint)
    return null
  if (audit.asOf < state.startedAt) return null
  const absent = isYoung(state, patienceOf(experiment), now)
    ? []
    : audit.findings.filter(
        (finding) =>
          isAbsence(finding) &&
          finding.severity !== 'broken' &&
          checkActionOf(experiment, finding) === 'abort',
      )
  const failed: readonly Finding[] = [...brokenFindings(experiment, audit, 'abort'), ...absent]
  if (failed.length === 0) return null
  const reasons = failed.map(({ code, detail }) => `The plan aborts on ${code}: ${detail}`)
  return { action: 'abort', rule: 'check-failed', reasons }
}

/** The blast radius: so many units may meet a treatment before every guardrail is proven harmless. A bake is beyond it by intent. */
function spentBudget({ experiment, state, evaluation, readings }: Case): Verdict | null {
  const { unprovenUnits } = experiment.ramp
  if (unprovenUnits === undefined || state.status === 'baking' || readings.length === 0) return null
  const unproven = binding(readings).filter(({ verdict }) => verdict !== 'ok')
  const treated = treatedUnits(experiment, evaluation)
  if (unproven.length === 0 || treated <= unprovenUnits) return null
  const reason = `${sayCount(treated, 'unit')} have met a treatment; the plan allows ${unprovenUnits.toLocaleString('en-US')} while a guardrail is not proven harmless.`
  return { action: 'abort', rule: 'budget-spent', reasons: [reason, ...unproven.map(({ detail }) => detail)] }
}

/** Units of this phase that have met a treatment. */
export function treatedUnits(experiment: Case['experiment'], evaluation: Case['evaluation']): number {
  return treatmentsOf(experiment).reduce((sum, variant) => sum + (evaluation?.units[variant] ?? 0), 0)
}

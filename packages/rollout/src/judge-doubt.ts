import { durationMs } from '@fairtrial/protocol'
import type { DecisionRule } from '@fairtrial/protocol'
import { brokenFindings } from './check-action.ts'
import type { Case } from './evidence.ts'
import { missingEvidence } from './missing-evidence.ts'
import { patienceOf } from './plan.ts'
import type { Verdict } from './verdict.ts'
import { sayDuration } from './words.ts'

/** What holds the rollout where it is: the evidence is not to be believed, not there, or beyond a margin that only holds. */
export function judgeDoubt(given: Case): Verdict | null {
  const { experiment, audit, readings, incomplete = null } = given
  const missing = missingEvidence(given, patienceOf(experiment))
  // Whatever an audit finds in half a log, that it is half is why.
  if (incomplete !== null) return holdFor(given, 'missing-evidence', missing)
  const broken = brokenFindings(experiment, audit, 'hold')
  const unmade = brokenFindings(experiment, audit, 'abort')
  const isUnexplained =
    audit?.verdict === 'broken' && !audit.findings.some(({ severity }) => severity === 'broken')
  if (broken.length + unmade.length > 0 || isUnexplained) {
    return holdFor(given, 'audit-broken', [
      'The audit is broken: these numbers are not to be believed.',
      ...[...broken, ...unmade].map((finding) => `${finding.detail} ${finding.remedy}`),
    ])
  }
  if (missing.length > 0) return holdFor(given, 'missing-evidence', missing)
  const breaches = readings.filter(
    ({ verdict, action, shadow }) => verdict === 'breach' && action === 'hold' && !shadow,
  )
  return breaches.length === 0
    ? null
    : holdFor(
        given,
        'guardrail-hold',
        breaches.map((reading) => reading.detail),
      )
}

/**
 * Holds; where the rollout has been held for as long as the plan allows, aborts. In between, once, it is held for the
 * plan's extension, as long as evidence arrives.
 */
export function holdFor(given: Case, rule: DecisionRule, reasons: readonly string[]): Verdict {
  const { experiment, state, now } = given
  const patience = patienceOf(experiment)
  const { maximumHold, extension } = patience
  const heldFor = state.holdingSince === null ? 0 : now - state.holdingSince
  if (heldFor < maximumHold) return { action: 'hold', rule, reasons }
  const told = `Held for ${sayDuration(heldFor)}, and the plan allows ${sayDuration(maximumHold)}`
  const extendedAt = state.extendedAt ?? null
  const isArriving = missingEvidence(given, patience).length === 0
  if (isArriving && extension > 0 && (extendedAt === null || now - extendedAt < extension)) {
    const extended = `${told}, and once ${sayDuration(extension)} more while evidence arrives, which it does.`
    return {
      action: 'hold',
      rule: extendedAt === null ? 'hold-extended' : rule,
      reasons: extendedAt === null ? [extended, ...reasons] : [...reasons, extended],
    }
  }
  return { action: 'abort', rule: 'hold-expired', reasons: [`${told}.`, ...reasons] }
}

/** A hold by hand: no clock runs in it, and what else would hold is told. */
export function judgeOperatorHold(given: Case): Verdict | null {
  const { state } = given
  const holder = state.heldBy ?? null
  if (holder === null) return null
  const doubt = judgeDoubt({ ...given, state: { ...state, holdingSince: null } })
  return {
    action: 'hold',
    rule: 'operator-hold',
    reasons: [
      `${holder} holds it by hand: ${state.cause}`,
      'It goes on when somebody resumes it; the longest hold of the plan does not run meanwhile, and harm still aborts.',
      ...(doubt?.reasons ?? []),
    ],
  }
}

/** A hold is left only when its reason has been gone for as long as the plan says: what flaps does not ramp. */
export function coolDown(given: Case, verdict: Verdict): Verdict {
  const { experiment, state, now, clearSince } = given
  const { coolDown: length } = experiment.ramp
  const leaves = verdict.action === 'continue' || verdict.action === 'advance' || verdict.action === 'ship'
  if (length === undefined || state.holdingSince === null || !leaves) return verdict
  const clearFor = (clearSince ?? null) === null ? 0 : now - (clearSince ?? now)
  if (clearFor >= durationMs(length)) return verdict
  return holdFor(given, 'cooling-down', [
    `What held it has been gone for ${sayDuration(clearFor)}; the plan lets it cool down for ${sayDuration(durationMs(length))}.`,
    ...verdict.reasons,
  ])
}

import type {
  AuditReport,
  Decision,
  DecisionAction,
  DecisionRule,
  Evaluation,
  Experiment,
  JsonObject,
  RolloutState,
} from '@fairtrial/protocol'
import { durationMs } from '@fairtrial/protocol'
import { readGuardrails } from './guardrail-reading.ts'
import type { GuardrailReading } from './guardrail-reading.ts'
import { absences, missingEvidence } from './missing-evidence.ts'
import { patienceOf, stageOf } from './plan.ts'
import { winnersOf } from './primaries.ts'
import { isFinal } from './start.ts'
import { sayCount, sayDuration } from './words.ts'

/** All that a decision is made from. */
export interface Evidence {
  readonly experiment: Experiment
  readonly state: RolloutState
  /** Null where there is none: missing evidence, never good news. */
  readonly evaluation: Evaluation | null
  readonly audit: AuditReport | null
  /** Epoch milliseconds. */
  readonly now: number
}

interface Verdict {
  readonly action: DecisionAction
  readonly rule: DecisionRule
  readonly reasons: readonly string[]
  readonly shipVariant?: string
}

/**
 * Evidence → what to do. Rules are asked in one order: harm, then doubt, then success.
 *
 * - Harm aborts in every state that still serves a treatment, on whatever evidence of this phase there is:
 *   also on old numbers, also while the audit is broken, also while holding.
 * - Doubt holds, for at most the shortest `maximumHold`, then aborts. There is no path from missing evidence
 *   to `advance` or `ship`.
 * - A guardrail with action `alert` never changes the action; the reasons tell its breach. A hard limit always aborts.
 */
export function decide(evidence: Evidence): Decision {
  const { experiment, state, evaluation, audit, now } = evidence
  const readings = isOfPhase(evaluation, state) ? readGuardrails(experiment, evaluation) : []
  const verdict = judge(evidence, readings)
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
    reasons: [...verdict.reasons, ...asides(verdict.reasons, readings, audit)],
    evidence: numbersBehind(evidence, readings),
    ...(shipVariant === undefined ? {} : { shipVariant }),
  }
}

function judge(evidence: Evidence, readings: readonly GuardrailReading[]): Verdict {
  const { state } = evidence
  if (isFinal(state)) {
    return {
      action: 'continue',
      rule: 'finished',
      reasons: [`The phase is over: it was ${state.status}. ${state.cause}`],
    }
  }
  return harm(readings) ?? doubt(evidence, readings) ?? progress(evidence, readings)
}

function harm(readings: readonly GuardrailReading[]): Verdict | null {
  const limits = readings.filter((reading) => reading.hardLimitBreached)
  if (limits.length > 0) {
    const reasons = limits.flatMap((reading) => [reading.hardLimitDetail, reading.detail])
    return { action: 'abort', rule: 'hard-limit', reasons }
  }
  const breaches = readings.filter((reading) => reading.verdict === 'breach' && reading.action === 'abort')
  if (breaches.length === 0) return null
  return { action: 'abort', rule: 'guardrail-breach', reasons: breaches.map((reading) => reading.detail) }
}

function doubt(evidence: Evidence, readings: readonly GuardrailReading[]): Verdict | null {
  const { experiment, audit } = evidence
  const broken = (audit?.findings ?? []).filter((finding) => finding.severity === 'broken')
  if (audit?.verdict === 'broken' || broken.length > 0) {
    const reasons = broken.map((finding) => `${finding.detail} ${finding.remedy}`)
    return holdFor(evidence, 'audit-broken', [
      'The audit is broken: these numbers are not to be believed.',
      ...reasons,
    ])
  }
  const missing = missingEvidence(evidence, patienceOf(experiment))
  if (missing.length > 0) return holdFor(evidence, 'missing-evidence', missing)
  const breaches = readings.filter((reading) => reading.verdict === 'breach' && reading.action === 'hold')
  return breaches.length === 0
    ? null
    : holdFor(
        evidence,
        'guardrail-hold',
        breaches.map((reading) => reading.detail),
      )
}

/** Holds, or aborts where the rollout has been held for as long as the plan allows. */
function holdFor(
  { experiment, state, now }: Evidence,
  rule: DecisionRule,
  reasons: readonly string[],
): Verdict {
  const { maximumHold } = patienceOf(experiment)
  const heldFor = state.holdingSince === null ? 0 : now - state.holdingSince
  if (heldFor < maximumHold) return { action: 'hold', rule, reasons }
  const expired = `Held for ${sayDuration(heldFor)}, and the plan allows ${sayDuration(maximumHold)}.`
  return { action: 'abort', rule: 'hold-expired', reasons: [expired, ...reasons] }
}

/** Asked only of evidence that is there, sound, and free of harm. */
function progress(evidence: Evidence, readings: readonly GuardrailReading[]): Verdict {
  const { experiment, state, evaluation, now } = evidence
  const { horizon } = experiment.hypothesis
  const isOver = now - state.startedAt >= durationMs(horizon)
  const ended: Verdict = {
    action: 'stop',
    rule: 'plan-end',
    reasons: [`The horizon of ${sayDuration(durationMs(horizon))} has passed without a result to ship.`],
  }

  const wait = waiting(evidence)
  if (wait !== null) return isOver ? withReasons(ended, wait.reasons) : wait

  // An alert is told and never decides, so its unknown does not hold either.
  const unknown = readings.filter((reading) => reading.action !== 'alert' && reading.verdict !== 'ok')
  if (unknown.length > 0) {
    const reasons = unknown.map((reading) => reading.detail)
    return isOver ? withReasons(ended, reasons) : holdFor(evidence, 'guardrail-unknown', reasons)
  }

  const { winners, reasons, areDecided } = winnersOf(experiment, evaluation)
  if (areDecided) {
    return withReasons(
      { ...ended, reasons: ['The looks of the plan are over, without a result to ship.'] },
      reasons,
    )
  }

  const next = experiment.ramp.stages[state.stage + 1]
  if (next !== undefined) {
    if (isOver) return ended
    const reason = `Stage ${state.stage + 1} of ${experiment.ramp.stages.length} is complete: its time and units are met and every guardrail is inside its margin. Traffic goes from ${state.trafficPercent} % to ${next.trafficPercent} %.`
    return { action: 'advance', rule: 'stage-complete', reasons: [reason] }
  }

  const best = winners[0]
  if (best !== undefined) return { action: 'ship', rule: 'plan-success', reasons, shipVariant: best }
  return isOver ? withReasons(ended, reasons) : { action: 'continue', rule: 'awaiting-plan', reasons }
}

/** The stage's own time and units; null once both are met. */
function waiting({ experiment, state, evaluation, audit, now }: Evidence): Verdict | null {
  const stage = stageOf(experiment, state.stage)
  const stayed = now - state.stageStartedAt
  if (!(stayed >= durationMs(stage.holdFor))) {
    const reason = `Stage ${state.stage + 1} has lasted ${sayDuration(stayed)} of at least ${sayDuration(durationMs(stage.holdFor))}.`
    return { action: 'continue', rule: 'stage-time', reasons: [reason] }
  }
  const short = experiment.variants
    .map(({ name }) => ({ name, units: evaluation?.units[name] ?? 0 }))
    .filter(({ units }) => !(units >= stage.minimumUnits))
    .map(
      ({ name, units }) =>
        `${name} has ${sayCount(units, 'unit')} of the ${stage.minimumUnits} that stage ${state.stage + 1} asks of each arm.`,
    )
  const reasons = [...short, ...absences(audit)]
  return reasons.length === 0 ? null : { action: 'continue', rule: 'stage-units', reasons }
}

function withReasons(verdict: Verdict, reasons: readonly string[]): Verdict {
  return { ...verdict, reasons: [...verdict.reasons, ...reasons] }
}

/** Told whatever is decided, unless it is a reason already: breaches that only alert, and the audit's cautions. */
function asides(
  reasons: readonly string[],
  readings: readonly GuardrailReading[],
  audit: AuditReport | null,
): readonly string[] {
  const alerts = readings.filter((reading) => reading.action === 'alert' && reading.verdict === 'breach')
  const cautions = (audit?.findings ?? []).filter((finding) => finding.severity === 'caution')
  return [
    ...alerts.map((reading) => `Alert only. ${reading.detail}`),
    ...cautions
      .filter(({ detail }) => !reasons.includes(detail))
      .map(({ detail }) => `Caution from the audit: ${detail}`),
  ]
}

function isOfPhase(evaluation: Evaluation | null, state: RolloutState): evaluation is Evaluation {
  return (
    evaluation !== null &&
    evaluation.experiment === state.experiment &&
    evaluation.fingerprint === state.fingerprint &&
    evaluation.phase === state.phase
  )
}

function numbersBehind(
  { state, evaluation, audit, now }: Evidence,
  readings: readonly GuardrailReading[],
): JsonObject {
  return {
    stage: state.stage,
    stageLastedMs: now - state.stageStartedAt,
    heldMs: state.holdingSince === null ? null : now - state.holdingSince,
    evaluatedAt: evaluation?.asOf ?? null,
    units: evaluation?.units ?? null,
    guardrails: readings.map(({ metric, variant, action, verdict, interval, hardLimitBreached }) => ({
      metric,
      variant,
      action,
      verdict,
      interval,
      hardLimitBreached,
    })),
    audit:
      audit === null
        ? null
        : {
            verdict: audit.verdict,
            findings: audit.findings.map((finding) => finding.code),
            sampleRatioP: audit.sampleRatio?.anytimePValue ?? null,
          },
  }
}

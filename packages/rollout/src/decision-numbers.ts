import type { JsonObject, JsonValue } from '@fairtrial/protocol'
import type { Case } from './evidence.ts'
import { treatedUnits } from './judge-harm.ts'
import { treatmentsOf } from './plan.ts'

/** The numbers that the reasons speak of. */
export function numbersBehind(given: Case): JsonObject {
  const { experiment, state, evaluation, audit, now, readings } = given
  const since = (at: number | null = null): number | null => (at === null ? null : now - at)
  return {
    stage: state.stage,
    stageLastedMs: now - state.stageStartedAt,
    heldMs: since(state.holdingSince),
    extendedMs: since(state.extendedAt),
    clearMs: since(given.clearSince),
    heldBy: state.heldBy ?? null,
    approvals: state.approvals?.length ?? 0,
    ...(state.awaitsStart === true && { start: startOf(given) }),
    evaluatedAt: evaluation?.asOf ?? null,
    units: evaluation?.units ?? null,
    treatedUnits: evaluation === null ? null : treatedUnits(experiment, evaluation),
    guardrails: readings.map(({ metric, variant, action, shadow, verdict, interval, hardLimitBreached }) => ({
      metric,
      variant,
      action,
      ...(shadow && { shadow }),
      verdict,
      interval,
      hardLimitBreached,
    })),
    primaries: primaries(given),
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

/** Who has said that the phase may start. */
function startOf({ state: { readiness, approvals = [] }, now }: Case): JsonObject {
  return {
    readiness: readiness
      ? {
          by: readiness.by,
          ageMs: now - Math.min(readiness.madeAt, readiness.oldestEvidenceAt ?? readiness.madeAt),
          sha256: readiness.sha256,
        }
      : null,
    approvedBy: approvals.map(({ by }) => by),
  }
}

function primaries({ experiment, evaluation }: Case): JsonValue {
  return Object.entries(experiment.metrics)
    .filter(([, { role }]) => role === 'primary')
    .flatMap(([metric]) =>
      treatmentsOf(experiment).map((variant) => {
        const comparison = evaluation?.metrics[metric]?.comparisons[variant]
        const bounds = comparison?.interval.absolute
        return {
          metric,
          variant,
          verdict: comparison?.verdict ?? 'unknown',
          interval: bounds === undefined || 'notEstimable' in bounds ? null : bounds,
        }
      }),
    )
}

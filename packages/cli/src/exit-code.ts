import type { AuditReport, Decision, Evaluation } from '@fairtrial/protocol'

/** What a command's exit code says to a script. */
export const exitCodes = {
  ok: 0,
  internal: 1,
  /** Wrong usage, or an invalid definition, table or event. */
  usage: 2,
  /** A guardrail is breached. */
  breached: 3,
  /** Not enough evidence to say. */
  inconclusive: 4,
  /** The data cannot be trusted. */
  dataQuality: 5,
  /** The control plane cannot be reached. */
  unreachable: 6,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/**
 * Of an analysis: harm is told before doubt about the data, and doubt before indecision. A verdict that a
 * script may act upon (`ship`, or `stop` because the plan has ended) is 0.
 */
export function exitCodeOf(evaluation: Evaluation, audit: AuditReport, decision: Decision): ExitCode {
  const breached = Object.values(evaluation.metrics).some(({ comparisons }) =>
    Object.values(comparisons).some(
      ({ guardrail }) => guardrail?.verdict === 'breach' || guardrail?.hardLimit?.breached === true,
    ),
  )
  if (breached) return exitCodes.breached
  if (audit.verdict === 'broken') return exitCodes.dataQuality
  return decision.action === 'ship' || decision.action === 'advance' ? exitCodes.ok : exitCodes.inconclusive
}

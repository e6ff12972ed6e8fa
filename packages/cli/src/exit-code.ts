import type { AuditReport, Decision, Evaluation, ReadinessReport, RolloutState } from '@fairtrial/protocol'

/** What a command's exit code says to a script. */
export const exitCodes = {
  ok: 0,
  internal: 1,
  /** Wrong usage, an invalid definition, table or event, a file that cannot be read or written; or refused. */
  usage: 2,
  /** A guardrail is breached. */
  breached: 3,
  /** No evidence for going on: it is missing, undecided or against. */
  inconclusive: 4,
  /** The data cannot be trusted. */
  dataQuality: 5,
  /** Nobody answers, neither control plane nor Kafka; or who answers cannot do it now (503), or not wholly. */
  unreachable: 6,
} as const

/** One of `exitCodes`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/**
 * Of an analysis: harm is told before doubt about the data, and doubt before indecision. Only what may ship or
 * advance is ok, so that `analyze … && deploy` never deploys a change that is not known to be good.
 */
export function exitCodeOfAnalysis(evaluation: Evaluation, audit: AuditReport, decision: Decision): ExitCode {
  if (isBreached(evaluation)) return exitCodes.breached
  if (audit.verdict === 'broken') return exitCodes.dataQuality
  return decision.action === 'ship' || decision.action === 'advance' ? exitCodes.ok : exitCodes.inconclusive
}

function isBreached({ metrics }: Pick<Evaluation, 'metrics'>): boolean {
  return Object.values(metrics)
    .flatMap(({ comparisons }) => Object.values(comparisons))
    .some(({ guardrail }) => guardrail?.verdict === 'breach' || guardrail?.hardLimit?.breached === true)
}

/** Of a holdout, in the order of an analysis: ok is that what has shipped has moved the plan's metric for the better. */
export function exitCodeOfHoldout(
  report: Pick<Evaluation, 'metrics'> & { readonly audit: AuditReport },
  metric: string,
): ExitCode {
  if (isBreached(report)) return exitCodes.breached
  if (report.audit.verdict === 'broken') return exitCodes.dataQuality
  const isBetter = report.metrics[metric]?.comparisons['all-shipped']?.verdict === 'better'
  return isBetter ? exitCodes.ok : exitCodes.inconclusive
}

/** Of a rollout: what has shipped is ok, what was taken back is breached, and anything else is open, or was stopped. */
export function exitCodeOfState({ status }: RolloutState): ExitCode {
  if (status === 'shipped' || status === 'baking') return exitCodes.ok
  return status === 'aborted' ? exitCodes.breached : exitCodes.inconclusive
}

/** Of an audit alone. A log without data is not a log without faults. */
export function exitCodeOfAudit({ verdict, findings }: AuditReport): ExitCode {
  if (verdict === 'broken') return exitCodes.dataQuality
  const isEmpty = findings.some(({ code }) => code === 'no-data' || code === 'no-traffic')
  return isEmpty ? exitCodes.inconclusive : exitCodes.ok
}

/** Of what is looked at before a start: what has not passed is no evidence for going on. */
export function exitCodeOfReadiness({ ready }: ReadinessReport): ExitCode {
  return ready ? exitCodes.ok : exitCodes.inconclusive
}

import type { AuditReport, CheckAction, Experiment, Finding } from '@fairtrial/protocol'

/** Findings which say that there is nothing to look at, rather than that what is there is wrong. */
const ABSENCES: ReadonlySet<Finding['code']> = new Set(['no-data', 'no-traffic', 'stale-data'])

/** Whether a finding says that something is missing. */
export function isAbsence({ code, severity }: Finding): boolean {
  return ABSENCES.has(code) && severity !== 'note'
}

/**
 * What the plan has a broken finding do: what `checks` names for its code; of a watched input, what that input names; else it
 * holds. An absence never passes, whatever `checks` says.
 */
export function checkActionOf({ checks, inputs }: Experiment, finding: Finding): CheckAction {
  const { feature } = finding.evidence
  const watched =
    typeof feature === 'string' && finding.code.startsWith('input-') ? inputs?.[feature] : undefined
  const action = checks?.[finding.code] ?? watched?.action ?? 'hold'
  return action === 'warn' && ABSENCES.has(finding.code) ? 'hold' : action
}

/** Broken findings that do this. */
export function brokenFindings(
  experiment: Experiment,
  audit: AuditReport | null,
  action: CheckAction,
): readonly Finding[] {
  return (audit?.findings ?? []).filter(
    (finding) => finding.severity === 'broken' && checkActionOf(experiment, finding) === action,
  )
}

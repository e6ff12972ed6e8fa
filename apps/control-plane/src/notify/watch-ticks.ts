import type { Evaluation, Experiment, RolloutState } from '@fairtrial/protocol'
import type { TickResult } from '@fairtrial/rollout/controller'
import type { Notification, NotificationKind } from './notification.ts'

/** Looks in a row that fail before somebody is told. */
const FAILURES_TOLD = 4
/** A guardrail that crosses its margin to and fro is told once in so long. */
const BREACH_REST_MS = 3_600_000

/**
 * Finds what no change of state tells: a guardrail that is breached and only alerts, looks that fail, a decision that
 * cannot be stored.
 */
export function watchTicks(): (experiment: Experiment, result: TickResult) => readonly Notification[] {
  const breachedAt = new Map<string, number>()
  let breached = new Set<string>()
  let failing: { readonly kind: 'unstored' | 'blind'; readonly since: number } | null = null

  function breaches({ key }: Experiment, { at, state, evaluation, decision }: TickResult): Notification[] {
    if (state === null || evaluation === null || isOver(state)) return []
    const found = breachesOf(evaluation)
    const fresh = [...found].filter(([name]) => {
      const last = breachedAt.get(`${state.phase}/${name}`)
      return !breached.has(name) && (last === undefined || at - last >= BREACH_REST_MS)
    })
    breached = new Set(found.keys())
    return fresh.map(([name, detail]) => {
      breachedAt.set(`${state.phase}/${name}`, at)
      const title = `${key}: a guardrail is breached: ${detail}`
      const told = about(key, state, at, 'breach', `${state.revision}/breach/${name}`, 'warning', title)
      // Of one in shadow: what it would have done.
      return { ...told, reasons: decision?.wouldAbort ?? [] }
    })
  }

  function failures({ key }: Experiment, result: TickResult): Notification[] {
    const { at, state, error, consecutiveErrors, evaluation, decision } = result
    if (error === null) {
      if (failing === null) return []
      const { kind, since } = failing
      failing = null
      const title =
        kind === 'unstored' ? `${key}: decisions are stored again.` : `${key}: looks succeed again.`
      return [about(key, state, at, 'recovered', `${since}/recovered`, 'info', title)]
    }
    // The look succeeded, and yet nothing was decided: what was decided could not be stored.
    const isUnstored = evaluation !== null && decision === null
    if (!isUnstored && consecutiveErrors < FAILURES_TOLD) return []
    const kind = isUnstored ? 'unstored' : 'blind'
    if (failing?.kind === kind) return []
    failing = { kind, since: at }
    const title = isUnstored
      ? `${key}: what was decided CANNOT BE STORED, and is decided anew at every look: ${error.message}`
      : `${key}: ${consecutiveErrors} looks in a row have failed: ${error.message}`
    const severity = isUnstored || state === null ? 'critical' : 'warning'
    return [about(key, state, at, 'failing', `${at}/failing/${kind}`, severity, title)]
  }

  return (experiment, result) => [...breaches(experiment, result), ...failures(experiment, result)]
}

const isOver = ({ status }: RolloutState) =>
  status === 'aborted' || status === 'stopped' || status === 'shipped'

/** By metric and variant, with the sentence that says it. */
function breachesOf(evaluation: Evaluation): Map<string, string> {
  const found = new Map<string, string>()
  for (const [metric, { comparisons }] of Object.entries(evaluation.metrics)) {
    for (const [variant, { guardrail }] of Object.entries(comparisons)) {
      if (guardrail?.verdict !== 'breach' && guardrail?.hardLimit?.breached !== true) continue
      found.set(`${metric}/${variant}`, `${metric}, ${variant}: ${guardrail.detail}`)
    }
  }
  return found
}

function about(
  experiment: string,
  state: RolloutState | null,
  at: number,
  kind: NotificationKind,
  id: string,
  severity: Notification['severity'],
  title: string,
): Notification {
  return {
    schema: 'fairtrial.notification/1',
    id: `${experiment}/${id}`,
    at,
    experiment,
    kind,
    severity,
    title,
    reasons: [],
    changesWhen: [],
    by: null,
    phase: state?.phase ?? null,
    revision: state?.revision ?? null,
    status: state?.status ?? null,
    stage: state?.stage ?? null,
    trafficPercent: state?.trafficPercent ?? null,
    rule: null,
  }
}

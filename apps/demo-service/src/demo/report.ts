import type {
  AuditReport,
  Bounds,
  Comparison,
  Decision,
  EffectSize,
  Estimate,
  Experiment,
} from '@fairtrial/protocol'
import type { RollbackProof } from '@fairtrial/rollout'
import { outcomeOf, type View } from './view.ts'

/** The decision with its reasons, the numbers behind it, the proof of the rollback, the audit's verdict. */
export function reportText(experiment: Experiment, view: View): string {
  const { state, evaluation, audit, proof, transitions } = view
  // What brought the rollout to where it is; a later look only finds that it is there.
  const last = transitions.findLast(({ decision }) => decision !== null)?.decision ?? view.decision
  const lines = ['', `Decision: ${last?.action ?? outcomeOf(state)}`]
  if (last) lines.push(...reasonsOf(experiment, last).map((reason) => `  ${reason}`))
  if (evaluation) {
    const trust =
      audit?.verdict === 'broken' ? 'not to be believed: the audit is broken' : 'valid at every look'
    lines.push('', `Evidence (treatment − control, ${trust})`)
    for (const [name, { role, comparisons }] of Object.entries(evaluation.metrics)) {
      for (const [variant, comparison] of Object.entries(comparisons)) {
        const unit = experiment.metrics[name]?.unit
        lines.push(`  ${name.padEnd(16)} ${variant} ${comparisonText(comparison, unit)}  (${role})`)
      }
    }
  }
  if (proof) lines.push('', ...proofLines(proof, state.changedAt))
  if (audit) lines.push('', ...auditLines(audit))
  return lines.join('\n')
}

/** Why, and of a model that is shipped also what stood in nobody's way. */
function reasonsOf(experiment: Experiment, { action, reasons, evidence }: Decision): readonly string[] {
  if (action !== 'ship') return reasons
  const readings = evidence['guardrails'] as readonly { metric: string; variant: string; verdict: string }[]
  return [
    ...reasons,
    ...experiment.guardrails.flatMap(({ metric, margin }) =>
      readings
        .filter((reading) => reading.metric === metric)
        .map(
          ({ variant, verdict }) =>
            `Guardrail ${metric}, ${variant}: ${verdict}, margin ${marginText(margin)}.`,
        ),
    ),
  ]
}

function comparisonText(
  { effect, interval, verdict, guardrail }: Comparison,
  unit: string | undefined,
): string {
  const numbers = `${say(effect.absolute)} ${sayBounds(interval.absolute)}${unit ? ` ${unit}` : ''}`
  return guardrail
    ? `${numbers}, margin ${marginText(guardrail.margin)} → ${guardrail.verdict}`
    : `${numbers} → ${verdict}`
}

/** `0.06`, or `50 %` of control. */
function marginText(margin: EffectSize): string {
  return 'absolute' in margin
    ? String(margin.absolute)
    : `${Number((100 * margin.relative).toPrecision(12))} %`
}

function proofLines(proof: RollbackProof, abortedAt: number): string[] {
  const { acknowledged, lapsed } = proof.instances
  if (!proof.proved || proof.provedAt === null) {
    return ['Rollback: not proved', ...[...proof.violated, ...proof.waitingFor].map((line) => `  ${line}`)]
  }
  return [
    `Rollback: proved ${proof.provedAt - abortedAt} ms after the decision`,
    `  ${acknowledged} instances acknowledged revision ${proof.revision}, ${lapsed} leases ended; none served the treatment under it`,
    proof.lastTreatmentServedAt === null
      ? '  no treatment was reported served'
      : `  time to zero treatment: ${proof.servedForMs} ms`,
  ]
}

function auditLines({ verdict, counts, findings }: AuditReport): string[] {
  return [
    `Audit: ${verdict}`,
    `  ${counts.replayed} assignments replayed, ${counts.replayMismatches} differ; ${counts.missingEvents} events missing`,
    ...findings.map(({ code, severity, detail, remedy }) => `  ${severity} ${code}: ${detail} ${remedy}`),
  ]
}

function say(value: Estimate<number>): string {
  if (typeof value !== 'number') return value.notEstimable.code
  return `${value < 0 ? '' : '+'}${Number(value.toPrecision(3))}`
}

function sayBounds(bounds: Estimate<Bounds>): string {
  return 'notEstimable' in bounds ? bounds.notEstimable.code : `[${say(bounds[0])}, ${say(bounds[1])}]`
}

import type { AuditReport, Bounds, Comparison, Estimate, Experiment } from '@fairtrial/protocol'
import type { Account } from '@fairtrial/exposure'
import type { RollbackProof } from '@fairtrial/rollout'
import type { TrafficCount } from './traffic.ts'
import type { View } from './view.ts'

/** The decision with its reasons, the numbers behind it, the proof of the rollback, the audit's verdict. */
export function closingText(
  experiment: Experiment,
  { state, decision, evaluation, audit, proof, transitions }: View,
): string {
  // What ended the rollout; a later tick only finds that it has ended.
  const last = transitions.findLast(({ decision: decided }) => decided !== null)?.decision ?? decision
  const lines = [
    '',
    `Decision: ${last?.action ?? state.status}`,
    ...(last?.reasons ?? []).map((reason) => `  ${reason}`),
  ]
  if (evaluation) {
    lines.push('', 'Evidence (treatment − control, valid at every look)')
    for (const [name, { role, comparisons }] of Object.entries(evaluation.metrics)) {
      for (const [variant, comparison] of Object.entries(comparisons)) {
        lines.push(
          `  ${name.padEnd(16)} ${variant} ${comparisonText(experiment, name, comparison)}  (${role})`,
        )
      }
    }
  }
  if (proof && state.status === 'aborted') lines.push('', ...proofLines(proof, state.changedAt))
  if (audit) lines.push('', ...auditLines(audit))
  return lines.join('\n')
}

function comparisonText(
  experiment: Experiment,
  name: string,
  { effect, interval, verdict, guardrail }: Comparison,
): string {
  const unit = experiment.metrics[name]?.unit
  const margin = guardrail && `, margin ${JSON.stringify(guardrail.margin)} → ${guardrail.verdict}`
  return `${say(effect.absolute)} ${sayBounds(interval.absolute)}${unit ? ` ${unit}` : ''}${margin ?? ` → ${verdict}`}`
}

function proofLines(proof: RollbackProof, abortedAt: number): string[] {
  const { acknowledged, lapsed } = proof.instances
  const last = proof.lastTreatmentServedAt
  return [
    `Rollback: ${proof.proved ? 'proved' : 'not proved'}`,
    proof.proved
      ? `  ${acknowledged} instances acknowledged revision ${proof.revision}, ${lapsed} leases ended; none served the treatment under it.`
      : `  ${[...proof.violated, ...proof.waitingFor].join('\n  ')}`,
    `  last treatment served ${last === null ? 'never' : `${last - abortedAt} ms after the abort`}` +
      (proof.provedAt === null ? '' : `, proved ${proof.provedAt - abortedAt} ms after it`),
  ]
}

function auditLines(audit: AuditReport): string[] {
  const { counts } = audit
  return [
    `Audit: ${audit.verdict}`,
    `  ${counts.replayed} assignments replayed, ${counts.replayMismatches} differ; ${counts.missingEvents} events missing`,
    ...audit.findings.map(
      ({ code, severity, detail, remedy }) => `  ${severity} ${code}: ${detail} ${remedy}`,
    ),
  ]
}

/** What became of every event, in the words of those who recorded them. */
export function accountText(
  traffic: TrafficCount,
  services: readonly Record<string, unknown>[],
  { audit }: View,
): string {
  const lines = [
    '',
    `Events (${traffic.viewers} viewers, ${traffic.requests} requests, ${traffic.failures} failed)`,
  ]
  for (const service of services) {
    const { offered, delivered, deduplicated, dropped, pending } = service['account'] as Account
    lines.push(
      `  ${String(service['instanceId'])}: ${offered} offered = ${delivered} delivered + ${deduplicated} deduplicated + ` +
        `${sum(dropped)} dropped + ${pending} pending`,
    )
  }
  if (audit)
    lines.push(`  in the log: ${audit.counts.exposures} exposures, ${audit.counts.outcomes} outcomes`)
  return lines.join('\n')
}

const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((total, n) => total + n, 0)

function say(value: Estimate<number>): string {
  if (typeof value !== 'number') return value.notEstimable.code
  return `${value < 0 ? '' : '+'}${Number(value.toPrecision(3))}`
}

function sayBounds(bounds: Estimate<Bounds>): string {
  return 'notEstimable' in bounds ? bounds.notEstimable.code : `[${say(bounds[0])}, ${say(bounds[1])}]`
}

import { type AuditReport, type Evaluation, type Experiment, hypothesisSentence } from '@fairtrial/protocol'
import { layColumns } from '../text/columns.ts'
import {
  isNotEstimable,
  sayBounds,
  sayCount,
  sayEffect,
  sayLevel,
  sayNumber,
  sayShare,
} from '../text/numbers.ts'
import { decisionLines, personLines, proofLines } from '../text/rollout-text.ts'
import { stateLine } from '../text/state-line.ts'
import { wrap } from '../text/wrap.ts'
import type { Seen } from './follow-rollout.ts'

/** A rollout on a screen that is drawn anew with each change. The first line begins with the key and the status. */
export function watchText(key: string, { view, isLive, problem }: Seen): string {
  const { experiment, state, decision, evaluation, audit, proof, error } = view
  if (state === null) return `${key}: no state yet`
  const { stages } = experiment.ramp
  return [
    `${key}: ${stateLine(state, stages.length)}`,
    ...(isLive && problem === null ? [] : ['  NOT LIVE: what stands here is asked for every two seconds']),
    ...(problem === null ? [] : [wrap(problem, '  ')]),
    wrap(hypothesisSentence(experiment), '  '),
    '',
    wrap(state.cause, '  '),
    ...(decision ? decisionLines(decision, state) : []),
    ...personLines(state, experiment),
    ...(evaluation ? ['', ...evidenceLines(experiment, evaluation)] : []),
    ...(audit ? ['', ...auditLines(audit)] : []),
    ...(proof ? ['', ...proofLines(proof)] : []),
    ...(error === null ? [] : ['', wrap(`the last look failed: ${error}`, '  ')]),
    '',
    `  last look ${decision ? new Date(decision.decidedAt).toISOString() : 'not yet'}`,
  ].join('\n')
}

function evidenceLines(experiment: Experiment, { units, metrics }: Evaluation): string[] {
  const rows = Object.entries(metrics).flatMap(([metric, { role, comparisons }]) =>
    Object.entries(comparisons).map(([variant, { effect, interval, guardrail, verdict }]) => [
      `${metric}, ${variant} (${role})`,
      sayEffect(effect.absolute),
      `${sayLevel(interval.level)} ${sayBounds(interval.absolute)}`,
      guardrail === undefined ? '' : marginOf(guardrail.margin),
      guardrail?.verdict ?? verdict,
    ]),
  )
  const counts = Object.entries(units).map(([variant, n]) => `${variant} ${sayCount(n)}`)
  return [
    wrap(`units: ${counts.join(', ')}`, '  '),
    layColumns([[`against ${experiment.control}`, 'effect', 'interval', 'margin', 'verdict'], ...rows]),
  ]
}

function marginOf(margin: { readonly absolute: number } | { readonly relative: number }): string {
  return 'relative' in margin ? sayShare(margin.relative) : sayNumber(margin.absolute)
}

function auditLines({ verdict, sampleRatio, findings }: AuditReport): string[] {
  const ratio = sampleRatio && !isNotEstimable(sampleRatio.anytimePValue) ? sampleRatio.anytimePValue : null
  return [
    `  audit: ${verdict}${ratio === null ? '' : `; sample ratio p ${sayNumber(ratio)} at any look`}`,
    ...findings
      .filter(({ severity }) => severity !== 'note')
      .map(({ code, detail }) => wrap(`${code}: ${detail}`, '    ', '      ')),
  ]
}

import type { DecisionLog, DecisionLogEntry } from '@fairtrial/rollout'
import { wrap } from './wrap.ts'

/** A decision log for people, the newest first: when, who and what, then why, on what, and who disagreed. */
export function decisionLogText({ experiment, entries, next }: DecisionLog): string {
  if (entries.length === 0) return `${experiment}: no decision like that`
  return [...entries.map(entryText), ...(next === null ? [] : ['… and older ones: --limit'])].join('\n\n')
}

function entryText(entry: DecisionLogEntry): string {
  const { at, by, kind, text, reasons, evidence, digests, dissent } = entry
  const said = kind === 'transition' ? doneBy(entry) : `${kind} at revision ${entry.revision}`
  const others = kind === 'transition' ? reasons.filter((reason) => reason !== text) : []
  return [
    `${new Date(at).toISOString()}  ${by}  ${said}`,
    ...[text, ...others].map((sentence) => wrap(sentence, '  ')),
    ...(kind === 'transition' && Object.keys(evidence).length > 0
      ? [wrap(`on ${JSON.stringify(evidence).replaceAll(/([,:])/g, '$1 ')}`, '    ', '      ')]
      : []),
    ...(digests?.evaluation ? [`    evaluation ${digests.evaluation}`] : []),
    ...(digests?.audit ? [`    audit      ${digests.audit}`] : []),
    ...dissent.map((said) => wrap(`${said.by} disagrees: ${said.text}`, '    ', '      ')),
  ].join('\n')
}

function doneBy({ action, rule, status, stage, trafficPercent, phase, revision }: DecisionLogEntry): string {
  const what = action === null ? '' : `${action} (${rule}): `
  return `${what}${status}, stage ${stage + 1}, ${trafficPercent} % of traffic, phase ${phase}, revision ${revision}`
}

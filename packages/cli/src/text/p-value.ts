import type { AuditReport, Comparison } from '@fairtrial/protocol'
import { isNotEstimable, sayNumber, sayShare } from './numbers.ts'

/** What a p-value is of. */
export interface Compared {
  readonly comparison: Comparison
  readonly metric: string
  readonly variant: string
  readonly control: string
}

/** What a comparison's p-value says, in a sentence, and the conditions under which it does, in another. */
export function sayP(compared: Compared, verdict: AuditReport['verdict']): readonly string[] {
  const { assumptions } = compared.comparison
  return [sentenceOf(compared), `It rests on this: ${[...assumptions, AUDITED[verdict]].join(' ')}`]
}

const AUDITED: { readonly [verdict in AuditReport['verdict']]: string } = {
  trusted: 'The data are what they seem; the audit trusts them.',
  caution: 'The data are what they seem; the audit urges caution.',
  broken: 'The data are what they seem, and the audit says that they are not: this number means nothing now.',
}

const NOT = 'This is not the chance that they do the same.'

function sentenceOf({ comparison, metric, variant, control }: Compared): string {
  const { method, afterStop, anytimePValue, fixed, bayesian } = comparison
  const same = `If ${variant} and ${control} did the same to ${metric}`
  if (afterStop !== undefined) {
    return `${same}, a trial that looks when this one does would end with evidence as strong in ${share(afterStop.pValue)}, for having stopped where it did. ${NOT}`
  }
  if (method === 'repeated')
    return 'This plan decides at its scheduled looks, by a boundary. None has decided, so there is no p-value to read.'
  if (method === 'credible') {
    const chance = bayesian?.chanceToBeat
    return chance === undefined || isNotEstimable(chance)
      ? tooFew(metric)
      : `A Bayesian plan has no p-value. Under its prior, ${variant} is better than ${control} with a chance of ${sayShare(chance)}.`
  }
  const p = method === 'fixed' ? fixed.pValue : anytimePValue
  if (isNotEstimable(p)) return tooFew(metric)
  if (p >= 1) return `${same}, what is seen would be nothing unusual: p 1. It does not show that they do.`
  return method === 'fixed'
    ? `${same}, a difference at least as large would come up in ${share(p)}, given that this is the only look. ${NOT}`
    : `${same}, evidence as strong as this would come up, at any look whatever, in at most ${share(p)}. ${NOT}`
}

function share(p: number): string {
  return `${sayShare(p)} of trials (p ${sayNumber(p)})`
}

function tooFew(metric: string): string {
  return `There are too few units with a closed window, and the time for what comes late behind it, to say anything about ${metric}.`
}

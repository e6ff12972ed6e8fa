import type { AuditReport, Comparison } from '@fairtrial/protocol'
import { numberOf, sayP } from './numbers.ts'

/** A p-value in a sentence, with what must be true for it. */
export interface ExplainedP {
  readonly sentence: string
  /** What it rests on, a sentence each. */
  readonly conditions: readonly string[]
}

/**
 * What a comparison's p-value says, and what it does not. Of an interval that is valid at every look, the p that is too;
 * of a scheduled look that has decided, the one that makes up for having stopped; of a single look, its own. Where the
 * method has none, the sentence says what it has.
 */
export function explainP(
  {
    comparison,
    metric,
    variant,
    control,
  }: {
    readonly comparison: Comparison
    readonly metric: string
    readonly variant: string
    readonly control: string
  },
  audit: Pick<AuditReport, 'verdict'> | null,
): ExplainedP {
  const conditions = [
    ...comparison.assumptions,
    audit === null
      ? 'The events are what they seem, which no audit has looked into yet.'
      : audit.verdict === 'trusted'
        ? 'The events are what they seem; the audit trusts them.'
        : audit.verdict === 'caution'
          ? 'The events are what they seem; the audit urges caution.'
          : 'The events are what they seem. The audit says that they are not.',
  ]
  const sentence =
    audit?.verdict === 'broken'
      ? `The audit is broken: no p-value of ${metric} means anything now.`
      : sentenceOf(comparison, metric, variant, control)
  return { sentence, conditions }
}

function sentenceOf(comparison: Comparison, metric: string, variant: string, control: string): string {
  const same = `If ${variant} and ${control} did the same to ${metric}`
  const not = 'This is not the chance that they do the same.'
  const stopped = comparison.afterStop?.pValue
  if (stopped !== undefined) {
    return `${same}, a trial that looks when this one does would end with evidence as strong as this in ${share(stopped)} (${sayP(stopped)}, for having stopped where it did). ${not}`
  }
  switch (comparison.method) {
    case 'confidence-sequence': {
      const p = numberOf(comparison.anytimePValue)
      if (p === null) return notYet(metric)
      return p >= 1
        ? `${same}, evidence like this would be nothing unusual, at any look so far: p = 1. ${not} It does not show that they do, either.`
        : `${same}, evidence as strong as this would come up at any look, this one or an earlier or a later one, in no more than ${share(p)} (${sayP(p)}). ${not}`
    }
    case 'repeated':
      return 'This plan decides at scheduled looks, by a boundary that the effect must cross. None has decided yet, so there is no p-value to read.'
    case 'fixed': {
      const p = numberOf(comparison.fixed.pValue)
      return p === null
        ? notYet(metric)
        : `${same}, a difference at least as large would come up in ${share(p)} (${sayP(p)}), given that this is the only look. ${not}`
    }
    case 'credible': {
      const chance = numberOf(comparison.bayesian?.chanceToBeat)
      return chance === null
        ? notYet(metric)
        : `A Bayesian plan has no p-value. Under its prior, the chance that ${variant} is better than ${control} is ${Math.round(1000 * chance) / 10} %.`
    }
  }
}

/** `3 of 100 trials`: a share as a count that can be pictured. */
function share(p: number): string {
  if (p < 1e-4) return '1 of 10,000 trials'
  const [times, of] =
    p >= 0.1 ? [10, 10] : p >= 0.01 ? [100, 100] : p >= 0.001 ? [1000, 1000] : [10_000, 10_000]
  return `${Math.ceil(p * times - 1e-9)} of ${of.toLocaleString('en-US')} trials`
}

function notYet(metric: string): string {
  return `There are too few units with a closed window, and the time for what comes late behind it, to say anything about ${metric} yet.`
}

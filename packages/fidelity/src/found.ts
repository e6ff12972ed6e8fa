import type { EffectBias, Finding, FindingCode } from '@fairtrial/protocol'

/** What a check has found. What follows from its code is added where the report is put together. */
export type Found = Omit<Finding, 'size' | 'biasesEffect'> & Partial<Pick<Finding, 'size' | 'biasesEffect'>>

/** A finding, with its size where its evidence names a share, and with what its kind does to an effect. */
export function findingOf(found: Found): Finding {
  const { share } = found.evidence
  return { size: typeof share === 'number' ? share : null, biasesEffect: BIAS[found.code], ...found }
}

/** What a finding does to an effect, where the check that found it does not know better. */
const BIAS: { readonly [Code in FindingCode]: EffectBias } = {
  'no-data': 'no',
  'replay-mismatch': 'possible',
  'sample-ratio': 'likely',
  'sample-ratio-segment': 'likely',
  'covariate-imbalance': 'likely',
  'input-imbalance': 'likely',
  'input-drift': 'no',
  'sequence-gap': 'possible',
  'repeated-exposures': 'no',
  crossover: 'possible',
  'crossover-imbalance': 'likely',
  leak: 'likely',
  'unknown-variant': 'possible',
  'foreign-definition': 'possible',
  'late-events': 'possible',
  'clock-skew': 'possible',
  'stale-data': 'no',
  'no-traffic': 'no',
  'join-rate': 'possible',
  'similar-unit-ids': 'possible',
  'unreadable-lines': 'possible',
  'reused-numbers': 'possible',
  'loss-by-arm': 'likely',
  'unfinished-producer': 'possible',
  'duplicates-by-arm': 'likely',
  'stale-revision': 'possible',
  'trigger-imbalance': 'likely',
  'sticky-assignments': 'possible',
  'overridden-exposures': 'no',
  'excluded-traffic': 'no',
  'unusual-units': 'possible',
  funnel: 'possible',
  'arrival-rate': 'no',
  'pseudonym-keys': 'likely',
  'incomplete-record': 'no',
  'not-checked': 'no',
}

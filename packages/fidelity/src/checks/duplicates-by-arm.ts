import type { Experiment } from '@fairtrial/protocol'
import type { Audit } from '../audit.ts'
import { byArm, sayByArm, shareOf } from '../by-arm.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { PARITY_ALPHA, parityP } from '../parity.ts'
import type { ReportedCounts } from '../producer-report.ts'
import type { UnitCounts } from '../unit-counts.ts'
import { sayP } from '../words.ts'

/** Two ways to meet an exposure twice are tested. */
const KINDS = 2

/**
 * Exposures met twice, more often in one arm: delivered again, or recorded again. Each counts once, so that no number is
 * wrong by it; but arms that are written differently may well be lost differently. Never broken.
 */
export function duplicatesFinding(
  audit: Audit,
  units: readonly number[],
  { delivered, recorded }: UnitCounts,
  reported: ReportedCounts,
): Found[] {
  const { experiment } = audit
  const kinds = [
    { what: 'delivered', marked: delivered },
    { what: 'recorded', marked: recorded },
  ].map(({ what, marked }) => ({ what, marked, p: parityP(experiment, marked, units) }))
  const [worst] = kinds.toSorted((a, b) => (a.p ?? 1) - (b.p ?? 1))
  if (worst === undefined || worst.p === null || worst.p >= PARITY_ALPHA / KINDS) return []
  const { what, marked, p } = worst
  const producer = mostRedelivered(audit)
  const from = what === 'delivered' && producer !== null ? `, most by ${producer.producerId}` : ''
  return [
    {
      code: 'duplicates-by-arm',
      severity: 'caution',
      detail: `Units whose exposure was ${what} more than once: ${sayByArm(experiment, marked, units)}; p ${sayP(p)} if arms were alike${from}.`,
      size: sum(marked) / sum(units),
      biasesEffect: 'possible',
      remedy:
        'Each counts once. Find out what writes one arm in another way: retries, a second call to expose, a unit that comes back more often. Whoever counts lines and not units is misled.',
      evidence: {
        kind: what,
        marked: byArm(experiment, marked),
        units: byArm(experiment, units),
        pValue: p,
        deduplicationRates: ratesOf(experiment, reported),
        producer: producer === null ? null : { ...producer },
      },
    },
  ]
}

/** Of the exposures that producers were offered, those that they took for repeated. */
function ratesOf(
  experiment: Experiment,
  { deduplicated, offered }: ReportedCounts,
): { readonly [variant: string]: number } | null {
  if (sum(offered) === 0) return null
  return byArm(
    experiment,
    deduplicated.map((count, arm) => shareOf(count, offered[arm])),
  )
}

function mostRedelivered({ producers }: Audit) {
  let worst: { readonly producerId: string; readonly redelivered: number } | null = null
  for (const [producerId, { redelivered }] of producers)
    if (redelivered > (worst?.redelivered ?? 0)) worst = { producerId, redelivered }
  return worst
}

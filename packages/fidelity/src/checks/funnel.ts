import type { AuditFunnel } from '@fairtrial/protocol'
import type { Audit } from '../audit.ts'
import { byArm, sayRates } from '../by-arm.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { parityOf, parityP } from '../parity.ts'
import type { ReportedCounts } from '../producer-report.ts'
import { sayP } from '../words.ts'
import type { JoinedCounts } from './join-rate.ts'

/**
 * Assigned, exposed, with an outcome, by arm. An arm whose assignments reach `expose` less often loses exposures before
 * they are numbered, where no gap can tell: only producers that see assignments, clients, can.
 *
 * Assignments of one unit are not independent, so that the rates are tested as if those of a unit stood or fell together:
 * with as many trials as there are units, not assignments.
 *
 * @param units of the analysis, by arm
 */
export function funnelFinding(
  audit: Audit,
  units: readonly number[],
  reported: ReportedCounts,
  { joined }: JoinedCounts,
): Found[] {
  const { experiment } = audit
  const { assigned, offeredOfAssigned } = reported
  if (assigned.some((count) => count === 0)) return []
  const rates = assigned.map((count, arm) => (offeredOfAssigned[arm] ?? 0) / count)
  // What is exposed more than once for an assignment has no share that is missing.
  const exposed = units.map((count, arm) => count * Math.min(1, rates[arm] ?? 0))
  const p = parityP(experiment, exposed, units)
  if (p === null || !parityOf(p).isOff) return []
  return [
    {
      code: 'funnel',
      severity: 'caution',
      detail: `Assignments reach expose at different rates: ${sayRates(experiment, offeredOfAssigned, assigned)}; p ${sayP(p)} if arms were alike.`,
      size: 1 - sum(offeredOfAssigned) / sum(assigned),
      biasesEffect: 'likely',
      remedy:
        'Call expose at the same point of the code in every arm, before anything that one arm does and another does not: an early return, an exception, a redirect, a question for consent.',
      evidence: {
        assigned: byArm(experiment, assigned),
        offered: byArm(experiment, reported.offered),
        deduplicated: byArm(experiment, reported.deduplicated),
        dropped: byArm(experiment, reported.dropped),
        units: byArm(experiment, units),
        withOutcome: byArm(experiment, joined),
        pValue: p,
      },
    },
  ]
}

/** How far the arms came. */
export function funnelOf(
  { experiment }: Audit,
  exposed: readonly number[],
  { assigned, offeredOfAssigned }: ReportedCounts,
  { units, joined }: JoinedCounts,
): AuditFunnel {
  return {
    calls:
      sum(assigned) === 0
        ? null
        : { assigned: byArm(experiment, assigned), exposed: byArm(experiment, offeredOfAssigned) },
    units: {
      exposed: byArm(experiment, exposed),
      settled: byArm(experiment, units),
      withOutcome: byArm(experiment, joined),
    },
  }
}

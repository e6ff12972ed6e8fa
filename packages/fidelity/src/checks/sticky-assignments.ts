import type { Audit } from '../audit.ts'
import { byArm, sayByArm } from '../by-arm.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { parityOf, parityP } from '../parity.ts'
import type { UnitCounts } from '../unit-counts.ts'
import { sayP } from '../words.ts'

/**
 * Units that keep the arm of an earlier id. Each is replayed from that id; what no replay can see is which of a person's
 * ids came to be the unit, and that may hang on the arm.
 */
export function stickyFinding(
  { experiment }: Audit,
  units: readonly number[],
  { sticky }: UnitCounts,
): Found[] {
  const kept = sum(sticky)
  if (kept === 0) return []
  const share = kept / sum(units)
  const p = parityP(experiment, sticky, units)
  const { severity, isOff } = parityOf(p)
  const told = p === null ? '' : `; p ${sayP(p)} if arms were alike`
  return [
    {
      code: 'sticky-assignments',
      severity: severity === 'broken' ? 'caution' : severity,
      detail: `Units that keep the arm of an earlier id: ${sayByArm(experiment, sticky, units)}${told}. Who is known by an earlier id met the arm before the trial could count it.`,
      biasesEffect: isOff ? 'likely' : 'possible',
      remedy: isOff
        ? 'One arm leads more of its units to a login, or remembers more of them: compare the units without a sticky arm, or randomize by the id that does not change.'
        : 'Randomize by the id that does not change where there is one; read new units and returning ones apart.',
      evidence: { sticky: byArm(experiment, sticky), units: byArm(experiment, units), share, pValue: p },
    },
  ]
}

import type { PhaseCounts } from '@fairtrial/sequential'
import type { Audit } from './audit.ts'

/** Units by arm, phase for phase, the earliest first. */
export interface CountedPhases {
  /** Each unit once, in the phase that it entered first. */
  readonly entered: readonly PhaseCounts[]
  /** Units of the last phase that were in one before it. */
  readonly returned: number
}

/**
 * What phases may be multiplied into one test. A unit that comes back in a later phase stands in the same arm by the
 * same hash: counted again, a chance imbalance of the first phase would be taken for a second piece of evidence.
 */
export function countPhases(audit: Audit): CountedPhases {
  const weights = audit.experiment.variants.map((variant) => variant.weight)
  const own = [...audit.phases].map(([phase, trace]) => ({ phase, weights, trace }))
  const foreign = [...audit.earlier].map(([phase, earlier]) => ({ phase, ...earlier }))
  const phases = [...own, ...foreign]
    .filter(({ phase }) => audit.phase === null || phase <= audit.phase)
    .toSorted((a, b) => a.phase - b.phase)
  let returned = 0
  const entered = phases.map(({ weights, trace }, index) => {
    const before = phases.slice(0, index)
    returned = 0
    if (index === 0) return { counts: trace.units, weights }
    const counts = weights.map(() => 0)
    for (const [unitId, { arm }] of trace.unitTraces) {
      if (before.some((earlier) => earlier.trace.unitTraces.has(unitId))) returned += 1
      else counts[arm] = (counts[arm] ?? 0) + 1
    }
    return { counts, weights }
  })
  return { entered, returned }
}

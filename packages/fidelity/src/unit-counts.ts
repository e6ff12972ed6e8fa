import type { Audit } from './audit.ts'
import { addTo, zerosFor } from './by-arm.ts'
import { MARK } from './unit-trace.ts'
import { auditedPhases } from './trace-totals.ts'

/** What the audited units say when each is asked once. By arm, in the order of the variants. */
export interface UnitCounts {
  /** Units of which the same line came more than once. */
  readonly delivered: number[]
  /** Units of which an exposure was recorded more than once. */
  readonly recorded: number[]
  readonly sticky: number[]
  /** Units that met each trigger. */
  readonly triggered: ReadonlyMap<string, number[]>
  /** Units that were exposed first on each day (UTC). */
  readonly firstByDay: ReadonlyMap<number, number>
  /** How many units have so many exposures, so many outcomes. */
  readonly byExposures: ReadonlyMap<number, number>
  readonly byOutcomes: ReadonlyMap<number, number>
}

export const DAY_MS = 86_400_000

export function countUnits(audit: Audit): UnitCounts {
  const { experiment, outcomesByUnit } = audit
  const zeros = () => zerosFor(experiment)
  const [delivered, recorded, sticky] = [zeros(), zeros(), zeros()]
  const triggered = new Map<string, number[]>()
  const firstByDay = new Map<number, number>()
  const byExposures = new Map<number, number>()
  const byOutcomes = new Map<number, number>()
  for (const { unitTraces, triggers } of auditedPhases(audit)) {
    const byTrigger = triggers.map((name) => ({ name, met: zeros() }))
    for (const [unitId, unit] of unitTraces) {
      const { arm, marks, exposures } = unit
      if (marks & MARK.delivered) addTo(delivered, arm, 1)
      if (marks & MARK.recorded) addTo(recorded, arm, 1)
      if (marks & MARK.sticky) addTo(sticky, arm, 1)
      // Most units meet no trigger, and a loop for each would be felt.
      if (unit.triggers > 1) {
        for (const [i, { met }] of byTrigger.entries()) if (unit.triggers & (1 << i)) addTo(met, arm, 1)
      }
      increase(firstByDay, Math.floor(unit.firstAt / DAY_MS))
      increase(byExposures, exposures)
      increase(byOutcomes, outcomesByUnit.get(unitId) ?? 0)
    }
    for (const { name, met } of byTrigger.slice(1)) {
      const before = triggered.get(name) ?? zeros()
      triggered.set(
        name,
        before.map((count, arm) => count + (met[arm] ?? 0)),
      )
    }
  }
  return { delivered, recorded, sticky, triggered, firstByDay, byExposures, byOutcomes }
}

function increase(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

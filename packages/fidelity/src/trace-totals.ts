import type { Audit } from './audit.ts'
import { createPhaseTrace } from './phase-trace.ts'
import type { PhaseTrace } from './phase-trace.ts'

/** The phases under audit, added up. */
export type TraceTotals = Omit<PhaseTrace, 'unitTraces' | 'strata' | 'triggers' | 'inputs'>

export function auditedPhases({ phases, phase }: Audit): readonly PhaseTrace[] {
  return [...phases].filter(([number]) => phase === null || number === phase).map(([, trace]) => trace)
}

/** Tells whether a unit has an exposure that counts, in a phase under audit. */
export function analysedIn(audit: Audit): (unitId: string) => boolean {
  const phases = auditedPhases(audit)
  return (unitId) => phases.some(({ unitTraces }) => unitTraces.has(unitId))
}

export function totalsOf(audit: Audit): TraceTotals {
  const [only = createPhaseTrace(audit.experiment.variants.length), ...others] = auditedPhases(audit)
  return others.reduce<TraceTotals>(addTraces, only)
}

function addTraces(a: TraceTotals, b: TraceTotals): TraceTotals {
  const byArm = (x: readonly number[], y: readonly number[]) => x.map((count, arm) => count + (y[arm] ?? 0))
  return {
    units: byArm(a.units, b.units),
    crossed: byArm(a.crossed, b.crossed),
    exposures: a.exposures + b.exposures,
    unique: a.unique + b.unique,
    unknownVariants: a.unknownVariants + b.unknownVariants,
    replayed: a.replayed + b.replayed,
    mismatches: a.mismatches + b.mismatches,
    mismatched: {
      seed: a.mismatched.seed + b.mismatched.seed,
      bucket: a.mismatched.bucket + b.mismatched.bucket,
      arm: a.mismatched.arm + b.mismatched.arm,
    },
    leaks: a.leaks + b.leaks,
    examples: {
      leak: [...a.examples.leak, ...b.examples.leak],
      mismatch: [...a.examples.mismatch, ...b.examples.mismatch],
      unknownVariant: [...a.examples.unknownVariant, ...b.examples.unknownVariant],
    },
  }
}

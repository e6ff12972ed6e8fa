import type { Experiment } from '@fairtrial/protocol'
import { addTo } from '../by-arm.ts'
import { MISSING } from '../input-bins.ts'
import type { PhaseTrace } from '../phase-trace.ts'
import { UNKNOWN } from '../strata.ts'
import type { UnitTrace } from '../unit-trace.ts'

/** Units whose first exposure told what a dimension or an input of the plan was. */
export interface ContextValues {
  readonly what: 'dimension' | 'input'
  readonly name: string
  readonly arms: { readonly [variant: string]: number }
}

/** @param phase of the dry run; undefined where nothing was exposed in it */
export function contextValuesOf(experiment: Experiment, phase: PhaseTrace | undefined): ContextValues[] {
  const { dimensions = {}, inputs = {}, variants } = experiment
  const countUnits = (what: ContextValues['what'], name: string, has: (unit: UnitTrace) => boolean) => {
    const counts = variants.map(() => 0)
    for (const unit of phase?.unitTraces.values() ?? []) if (has(unit)) addTo(counts, unit.arm, 1)
    const arms = Object.fromEntries(variants.map((variant, arm) => [variant.name, counts[arm] ?? 0]))
    return { what, name, arms }
  }
  const isKnown = (text: string | undefined) => text !== undefined && text !== UNKNOWN && text !== 'null'
  return [
    ...Object.keys(dimensions).map((name, i) =>
      countUnits('dimension', name, ({ stratum }) => isKnown(stratum?.segments[i])),
    ),
    ...Object.keys(inputs).map((name, i) =>
      countUnits('input', name, (unit) => (unit.inputs?.[i] ?? MISSING) !== MISSING),
    ),
  ]
}

import type { Assignment, Unit, Variant } from '@fairtrial/protocol'
import { assign, assignmentOf } from './assign.ts'
import { bucketAt } from './gate.ts'
import type { LoadedExperiment } from './loaded-experiment.ts'
import { bytesOfUnitId } from './unit-id.ts'

/**
 * The arm that is forced for a unit, to look at it: whoever the unit is, and however little traffic is enrolled. Its
 * reason is `overridden`, and its bucket the unit's own. No override outlives the trial: where nobody is enrolled (no
 * state, aborted, stopped, shipped), where the unit cannot be told, or the variant is none of the experiment's, the
 * answer is that of `assign`. As total as that.
 */
export function overrideArm<V extends Variant>(
  loaded: LoadedExperiment<V>,
  unit: Unit,
  variant: string,
): Assignment<V> {
  const own = assign(loaded, unit)
  const arm = loaded.arms.find((arm) => arm.variant === variant)
  const { unitType, unitId, reason } = own
  if (arm === undefined || unitId === null || !loaded.enrolls || reason === 'wrong-unit-type') return own
  const bucket = bucketAt(loaded.variant, bytesOfUnitId(unitId, loaded.maximumUnitIdBytes))
  return assignmentOf(loaded, arm, unitType, unitId, 'overridden', bucket)
}

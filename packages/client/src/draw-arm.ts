import { assign, type LoadedExperiment, overrideArm } from '@fairtrial/assignment'
import type { Assignment, Unit } from '@fairtrial/protocol'

/** What one call of `assign` may be told beyond the unit. */
export interface AssignOptions {
  /**
   * An earlier id of the same unit: the arm is computed from it, so that a person who logs in keeps the arm met before.
   * The arm carries it, for the replay. Ignored where it is no usable id.
   */
  readonly assignedAs?: string | undefined
  /** Forces this arm, with the reason `overridden`; see `overrides` of the client. Ignored where there is none such. */
  readonly variant?: string | undefined
}

/** The arm of a unit where more than its id has a say. */
export function drawArm(
  loaded: LoadedExperiment,
  unit: Unit,
  { assignedAs, variant }: AssignOptions,
): Assignment {
  const draw = (unit: Unit) =>
    variant === undefined ? assign(loaded, unit) : overrideArm(loaded, unit, variant)
  const own = draw(unit)
  if (assignedAs === undefined || own.unitId === null) return own
  const drawn = draw({ ...unit, unitId: assignedAs })
  if (drawn.unitId === null || drawn.unitId === own.unitId) return own
  return { ...drawn, unitId: own.unitId, assignedAs: drawn.unitId }
}

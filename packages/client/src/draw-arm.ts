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
  /**
   * Whether the unit lets itself be recorded. Told and not `true`, the arm is `no-consent`: what is served to whoever is
   * not enrolled, without the unit's id, and nothing of the unit is kept. Default: consent is not asked for.
   */
  readonly consent?: boolean | undefined
}

/** Who has not consented is nobody. */
export const NOBODY = Object.freeze({ unitId: '' }) as Unit

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

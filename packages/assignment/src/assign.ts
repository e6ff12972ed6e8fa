import type { Assignment, AssignmentReason, Unit, Variant } from '@fairtrial/protocol'
import { answer } from './condition.ts'
import { bucketAt, isInside } from './gate.ts'
import type { LoadedArm, LoadedExperiment, Served } from './loaded-experiment.ts'
import { bytesOfUnitId, faultOfUnitId, numberToText } from './unit-id.ts'

/**
 * The arm of a unit: synchronous, without I/O, the same for the same definition, state and unit, and never
 * throwing, whatever it is given. Who is not enrolled is served control (after `shipped`, and while `baking`, the shipped variant),
 * and `reason` says why.
 */
export function assign<V extends Variant>(loaded: LoadedExperiment<V>, unit: Unit): Assignment<V> {
  // Nothing about a unit is certain: none at all, or one whose getters throw, has no id.
  let unitType: unknown
  let unitId: unknown
  let attributes: unknown
  try {
    ;({ unitType, unitId, attributes } = unit)
  } catch {}
  if (loaded.readsNumbers) unitId = numberToText(unitId)

  const bytes = bytesOfUnitId(unitId, loaded.maximumUnitIdBytes)
  if (bytes === '') return assignmentOf(loaded, loaded.standing, unitType, null, faultOfUnitId(unitId), null)
  const id = unitId as string
  if (unitType !== loaded.unitType)
    return assignmentOf(loaded, loaded.standing, unitType, id, 'wrong-unit-type', null)
  if (loaded.closed !== null)
    return assignmentOf(loaded, loaded.notEnrolled, unitType, id, loaded.closed, null)

  const holdoutBucket = bucketAt(loaded.holdout, bytes)
  if (isInside(loaded.holdout, holdoutBucket)) {
    // Of the two arms of a holdout the first keeps control for good, the second gets what has shipped; neither is enrolled.
    return holdoutBucket < loaded.statusQuoBelow
      ? assignmentOf(loaded, loaded.notEnrolled, unitType, id, 'held-out', null)
      : outside(loaded, unitType, id, 'held-out')
  }
  if (!loaded.enrolls) return outside(loaded, unitType, id, 'shipped')
  if (!isInside(loaded.layer, bucketAt(loaded.layer, bytes)))
    return outside(loaded, unitType, id, 'outside-layer')
  if (loaded.eligibility !== null && !answer(loaded.eligibility, attributes))
    return outside(loaded, unitType, id, 'not-eligible')
  if (!isInside(loaded.traffic, bucketAt(loaded.traffic, bytes)))
    return outside(loaded, unitType, id, 'outside-traffic')
  const bucket = bucketAt(loaded.variant, bytes)
  return assignmentOf(loaded, armAt(loaded.arms, bucket), unitType, id, 'assigned', bucket)
}

/** Control, whatever the unit, for a reason that only the caller knows: no fresh state, a closed client. */
export function serveControl<V extends Variant>(
  loaded: LoadedExperiment<V>,
  unit: Unit,
  reason: Exclude<AssignmentReason, 'assigned'>,
): Assignment<V> {
  const { unitType, unitId } = assign(loaded, unit)
  return assignmentOf(loaded, loaded.notEnrolled, unitType, unitId, reason, null)
}

/** Who is not enrolled: control, for the reason given, until something has shipped. */
function outside<V extends Variant>(
  loaded: LoadedExperiment<V>,
  unitType: unknown,
  id: string,
  reason: AssignmentReason,
): Assignment<V> {
  return assignmentOf(loaded, loaded.standing, unitType, id, loaded.hasShipped ? 'shipped' : reason, null)
}

/** The one place where assignments are made: all have one shape, which keeps the code that reads them fast. */
export function assignmentOf<V extends Variant>(
  loaded: LoadedExperiment<V>,
  served: Served<V>,
  unitType: unknown,
  unitId: string | null,
  reason: AssignmentReason,
  bucket: number | null,
): Assignment<V> {
  // What is sometimes a fraction and sometimes null is written in two steps: a field that began as a number
  // would cost a box on the heap at every call.
  const assignment = {
    experiment: loaded.key,
    unitType: typeof unitType === 'string' ? unitType : loaded.unitType,
    unitId,
    reason,
    variant: served.variant,
    config: served.config,
    bucket,
    seed: loaded.variant.seed,
    propensity: null as number | null,
    treatmentVersion: served.treatmentVersion,
    fingerprint: loaded.fingerprint,
    phase: loaded.phase,
    revision: loaded.revision,
  }
  if (bucket !== null) assignment.propensity = served.propensity
  return assignment as Assignment<V>
}

function armAt<V extends Variant>(arms: readonly LoadedArm<V>[], bucket: number): LoadedArm<V> {
  let i = 0
  while (bucket >= (arms[i] as LoadedArm<V>).below) i++
  return arms[i] as LoadedArm<V>
}

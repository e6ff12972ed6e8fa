import { assign, loadExperiment } from '@fairtrial/assignment'
import type { LoadedExperiment } from '@fairtrial/assignment'
import type { Experiment, ExposureEvent } from '@fairtrial/protocol'

/**
 * What differs first. `seed`: another salt. `bucket`: another hash of the id, or another unit type. `arm`: another
 * division of the buckets.
 */
export type Mismatch = 'seed' | 'bucket' | 'arm'

/** What the definition says of a logged exposure: it is as logged, the unit belongs to nobody's arm, or it is another. */
export type Replayed = 'as-logged' | 'leak' | Mismatch

/**
 * The experiment as a log can be replayed against it: everything but eligibility, whose attributes are never logged,
 * with the traffic of its largest stage, since a ramp only ever adds units, or of its holdback where that is larger.
 */
export function loadForReplay(
  experiment: Experiment,
  trafficPercent: number = largestTraffic(experiment),
): LoadedExperiment {
  const { eligibility: _, ...replayable } = experiment
  return loadExperiment(replayable, {
    schema: 'fairtrial.state/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase: 1,
    revision: 1,
    status: 'running',
    stage: 0,
    trafficPercent,
    shippedVariant: null,
    startedAt: 0,
    stageStartedAt: 0,
    changedAt: 0,
    holdingSince: null,
    cause: 'replay',
  })
}

function largestTraffic({ ramp }: Experiment): number {
  return Math.max(...ramp.stages.map((stage) => stage.trafficPercent), ramp.bake?.holdbackPercent ?? 0)
}

/**
 * Assigns the unit anew, with the very function that a service uses, and compares seed, bucket and arm. One whose arm is
 * that of an earlier id is assigned as that id.
 */
export function replay(loaded: LoadedExperiment, event: ExposureEvent): Replayed {
  const { unitType, variant, bucket, seed, assignedAs: unitId = event.unitId } = event
  const expected = assign(loaded, { unitType, unitId })
  const { reason } = expected
  if (reason === 'held-out' || reason === 'outside-layer' || reason === 'outside-traffic') return 'leak'
  if (expected.seed !== seed) return 'seed'
  if (expected.bucket !== bucket) return 'bucket'
  return expected.variant === variant ? 'as-logged' : 'arm'
}

import type { ExposureEvent, OutcomeEvent } from '@fairtrial/protocol'
import type { Arm } from '../exposure-lines.ts'

/** An assigned arm of a made-up trial. */
export function sampleArm(changes: Partial<Arm> = {}): Arm {
  return {
    experiment: 'home-ranking',
    unitType: 'viewer',
    unitId: 'viewer-1',
    reason: 'assigned',
    variant: 'session-model',
    bucket: 421_337,
    seed: 2_895_634_211,
    propensity: 0.5,
    treatmentVersion: null,
    fingerprint: '3f5c1d8f5c2b4b0e9d7a6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a392817',
    phase: 1,
    revision: 3,
    ...changes,
  }
}

/** An exposure of that arm, as it stands in a log. */
export function sampleExposure(changes: Partial<ExposureEvent> = {}): ExposureEvent {
  return {
    schema: 'fairtrial.exposure/1',
    exposureId: 'dKEi6zDjXJHaS6kA3MjS0O',
    experiment: 'home-ranking',
    fingerprint: '3f5c1d8f5c2b4b0e9d7a6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a392817',
    phase: 1,
    revision: 3,
    unitType: 'viewer',
    unitId: 'viewer-1',
    variant: 'session-model',
    bucket: 421_337,
    seed: 2_895_634_211,
    propensity: 0.5,
    reason: 'assigned',
    exposedAt: 1_767_225_600_000,
    producerId: 'producer-1',
    sequence: 1,
    sdk: 'test/1',
    ...changes,
  }
}

/** Something that happened to its unit. */
export function sampleOutcome(changes: Partial<OutcomeEvent> = {}): OutcomeEvent {
  return {
    schema: 'fairtrial.outcome/1',
    outcomeId: 'producer-1:2',
    name: 'started',
    unitType: 'viewer',
    unitId: 'viewer-1',
    value: 1,
    occurredAt: 1_767_225_600_500,
    producerId: 'producer-1',
    sequence: 2,
    sdk: 'test/1',
    ...changes,
  }
}

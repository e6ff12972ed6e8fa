import type { Experiment, RolloutState, Snapshot, Variant } from '@fairtrial/protocol'

/** A state of an experiment: running, all traffic, revision 1, unless told otherwise. */
export function stateFor<V extends Variant, M extends string>(
  experiment: Experiment<V, M>,
  changes: Partial<RolloutState> = {},
): RolloutState {
  return {
    schema: 'fairtrial.state/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase: 1,
    revision: 1,
    status: 'running',
    stage: 0,
    trafficPercent: 100,
    shippedVariant: null,
    startedAt: 0,
    stageStartedAt: 0,
    changedAt: 0,
    holdingSince: null,
    cause: 'a test',
    ...changes,
  }
}

/** A snapshot of these states: its revision is the sum of theirs, its lease 30 seconds, unless told otherwise. */
export function snapshotOf(states: readonly RolloutState[], changes: Partial<Snapshot> = {}): Snapshot {
  return {
    schema: 'fairtrial.snapshot/1',
    revision: states.reduce((sum, { revision }) => sum + revision, 0),
    issuedAt: 0,
    validUntil: 30_000,
    states,
    ...changes,
  }
}

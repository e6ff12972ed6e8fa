import { durationMs, type Experiment, ExperimentError, type RolloutState } from '@fairtrial/protocol'
import type { StateStore } from './state-store.ts'

/**
 * Since when events may be evidence of the phase of an experiment that runs, epoch milliseconds; null where none runs, or
 * there is no state of that name: what a retention of its log asks. That is as long before the start as the longest
 * covariate of its definition reaches back. Rejects where the store cannot be read, for then nobody knows.
 *
 * @param definitions among which the one is that the phase runs by, told by its fingerprint. Where it is not, nobody knows
 *   how far back it reads: -Infinity
 */
export async function runningSince(
  store: Pick<StateStore, 'read'>,
  experiment: string,
  definitions: readonly Experiment[],
): Promise<number | null> {
  const state = await store.read(experiment).catch(nullIfNoKey)
  if (state === null || !isRunning(state)) return null
  const definition = definitions.find(({ fingerprint }) => fingerprint === state.fingerprint)
  return definition === undefined ? Number.NEGATIVE_INFINITY : state.startedAt - reachesBackMs(definition)
}

function isRunning({ status }: RolloutState): boolean {
  return status === 'running' || status === 'holding' || status === 'baking'
}

/** The longest stretch before a unit's first exposure from which an outcome counts, milliseconds. */
function reachesBackMs({ metrics }: Experiment): number {
  const covariates = Object.values(metrics).flatMap((metric) => metric.covariates ?? [])
  return Math.max(0, ...covariates.map(({ before }) => (before === undefined ? 0 : durationMs(before))))
}

/** A log may tell of what is no experiment: anybody may have written there. */
function nullIfNoKey(cause: unknown): null {
  if (cause instanceof ExperimentError && cause.code === 'invalid-argument') return null
  throw cause
}

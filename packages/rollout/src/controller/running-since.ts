import { ExperimentError } from '@fairtrial/protocol'
import type { StateStore } from './state-store.ts'

/**
 * Since when the phase of an experiment runs, epoch milliseconds; null where none does, or there is no state of that name:
 * what a retention of its log asks. Rejects where the store cannot be read, for then nobody knows.
 */
export async function runningSince(
  store: Pick<StateStore, 'read'>,
  experiment: string,
): Promise<number | null> {
  const state = await store.read(experiment).catch(nullIfNoKey)
  if (state === null) return null
  const { status, startedAt } = state
  return status === 'running' || status === 'holding' || status === 'baking' ? startedAt : null
}

/** A log may tell of what is no experiment: anybody may have written there. */
function nullIfNoKey(cause: unknown): null {
  if (cause instanceof ExperimentError && cause.code === 'invalid-argument') return null
  throw cause
}

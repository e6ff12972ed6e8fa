import { ExperimentError } from '@fairtrial/protocol'

/** Refuses what is not the key of an experiment, before it becomes part of a path or a query. */
export function checkKey(experiment: string): void {
  if (/^[A-Za-z0-9_.-]{1,128}$/.test(experiment)) return
  throw new ExperimentError(
    'invalid-argument',
    `${JSON.stringify(experiment)} is not the key of an experiment.`,
    'Use 1 to 128 of A-Z, a-z, 0-9, _, . and -.',
  )
}

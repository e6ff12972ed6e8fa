import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol'
import { fileLease } from '@fairtrial/rollout/controller'

/**
 * Takes the data directory that a log is in, so that no control plane begins while something goes.
 *
 * @param states where the states are, if not beside the log
 * @returns what gives it back
 * @throws ExperimentError `refused` where a control plane has it: it reads the log, and knows better what runs
 */
export async function holdAgainstPlane(log: string, states: string | null): Promise<() => Promise<void>> {
  const beside = join(dirname(resolve(log)), 'state')
  const elsewhere = states === null || resolve(states) === beside ? null : states
  const other = elsewhere === null ? null : await fileLease({ directory: elsewhere }).holder()
  if (elsewhere !== null && other !== null) throw inUse(dirname(elsewhere), other)
  if ((await stat(beside).catch(() => null))?.isDirectory() !== true) return async () => undefined
  const lease = fileLease({ directory: beside })
  if ((await lease.acquire()) === null)
    throw inUse(dirname(beside), (await lease.holder()) ?? 'another process')
  return lease.release
}

function inUse(directory: string, holder: string): ExperimentError {
  return new ExperimentError(
    'refused',
    `${directory} is in use by ${holder}. Nothing was removed.`,
    'Give that control plane --retain: it knows what runs. Or stop it first; --dry-run may be asked meanwhile.',
  )
}

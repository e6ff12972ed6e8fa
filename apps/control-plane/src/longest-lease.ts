import { ExperimentError } from '@fairtrial/protocol'
import { readKept, writeKept } from './kept-file.ts'

/**
 * Notes how long leases will be, before the first is granted.
 *
 * @returns how long leases of processes before this one may still run, milliseconds; 0 where there was none
 */
export async function noteLongestLease(path: string, leaseMs: number): Promise<number> {
  const kept = (await readKept(path)) as { readonly longestMs?: unknown } | null
  const before = kept === null ? 0 : kept.longestMs
  if (typeof before !== 'number' || !(before >= 0)) {
    throw new ExperimentError(
      'invalid-state',
      `${path} does not tell how long leases were.`,
      'Restore the data directory.',
    )
  }
  if (leaseMs > before) await writeKept(path, { longestMs: leaseMs })
  return before
}

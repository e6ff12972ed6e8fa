import type { PartitionLag } from '@fairtrial/exposure/kafka'

/**
 * Follows topics until all that stood in them at the start has landed. Until then some partitions are further than others:
 * exposures without their outcomes, which look like harm.
 */
export interface CatchUp {
  /** Takes the lag of all partitions, as it was just looked at. The first one says where the start's end was. */
  note(lags: readonly PartitionLag[]): void
  /** Records that are left of those that stood there at the start; null while nobody has looked. */
  left(lags: readonly PartitionLag[]): number | null
}

export function createCatchUp(): CatchUp {
  let ends: ReadonlyMap<string, number> | null = null
  let isDone = false
  return {
    note(lags) {
      if (ends === null && lags.length > 0) {
        ends = new Map(lags.map((partition) => [nameOf(partition), partition.position + partition.lag]))
      }
    },
    left(lags) {
      if (isDone) return 0
      if (ends === null) return null
      const positions = new Map(lags.map((partition) => [nameOf(partition), partition.position]))
      const left = [...ends].reduce(
        (sum, [name, end]) => sum + Math.max(0, end - (positions.get(name) ?? 0)),
        0,
      )
      isDone = left === 0
      return left
    },
  }
}

function nameOf({ topic, partition }: PartitionLag): string {
  return `${topic}/${partition}`
}

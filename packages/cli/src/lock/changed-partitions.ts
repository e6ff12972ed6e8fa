import type { LockedInput } from '@fairtrial/protocol'

/** What has become of the partitions of a lock, a sentence each: as locked, and as they were just read again. */
export function changedPartitions(
  locked: readonly LockedInput[],
  read: readonly LockedInput[],
): readonly string[] {
  return locked.flatMap(
    (was) =>
      changeOf(
        was,
        read.find(({ source }) => source === was.source),
      ) ?? [],
  )
}

function changeOf(was: LockedInput, now: LockedInput | undefined): string | undefined {
  const { source, from = 0, upTo } = was
  if (now === undefined) return `${source} is gone.`
  const start = now.from ?? 0
  if (now.upTo < upTo)
    return `${source} ends at offset ${now.upTo}, and was read up to ${upTo}: the topic was made anew, or cut.`
  if (start > from)
    return `${source} no longer has offsets ${from} to ${start - 1}: they were deleted, as its retention says.`
  if (now.sha256 === was.sha256) return undefined
  if (now.lastAt !== was.lastAt)
    return `${source} has another record before offset ${upTo}: the topic was made anew.`
  return `${source} has other records from offset ${from} to ${upTo - 1}: some were changed, or compacted away.`
}

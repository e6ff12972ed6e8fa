/** The first of some times, whatever their unit; infinity of none. As many as there are: as arguments they would not fit. */
export function earliestOf(times: Iterable<number>): number {
  let earliest = Number.POSITIVE_INFINITY
  for (const time of times) earliest = Math.min(earliest, time)
  return earliest
}

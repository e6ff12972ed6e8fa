import type { HistoryPoint } from '@fairtrial/rollout'

/** Where the points of histories are kept. */
export interface HistoryStore {
  /** The oldest first, the newest look among them; null of an experiment that is not here. */
  points(experiment: string): Promise<readonly HistoryPoint[] | null>
  /**
   * Takes the point of a look. What is written is written behind this call.
   *
   * @param leads whether it is the look of the replica that leads
   */
  note(experiment: string, point: HistoryPoint, leads: boolean): void
  /** After what was noted before. */
  close(): Promise<void>
}

/** A look that failed says nothing about the evidence; it is kept where the state has changed. */
export function isWorthKeeping(point: HistoryPoint, before: HistoryPoint | null): boolean {
  return point.action !== null || point.revision !== before?.revision
}

/**
 * Word, among replicas, of an abort that the store cannot take: whoever hears it grants no lease either, so that the
 * treatment ends with the leases that run, whichever replica was told to abort.
 */
export interface AbortAlarm {
  /** Rings once; it is to be rung again for as long as it is so. Rejects where nobody can have heard it. */
  ring(experiment: string): Promise<void>
  /**
   * Hears those of others, and its own.
   *
   * @returns what ends it
   */
  listen(onRing: (experiment: string) => void): Promise<() => Promise<void>>
}

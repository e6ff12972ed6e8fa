/**
 * Where arms are remembered. Both calls settle; they reject where the store does not answer, which costs the caller
 * nothing but the memory. Every implementation passes `stickyStoreContract` of `@fairtrial/client/testing`.
 */
export interface StickyStore {
  /** Null where nothing is known of the key. */
  read(key: string): Promise<string | null>
  /**
   * @param key any text
   * @param options `onlyIfAbsent`: leaves what stands there, in one step. `keepMs`: may be forgotten afterwards
   * @returns whether it was written
   */
  write(key: string, value: string, options: StickyWrite): Promise<boolean>
}

/** How a value is to be written. */
export interface StickyWrite {
  readonly onlyIfAbsent: boolean
  /** Milliseconds. */
  readonly keepMs: number
}

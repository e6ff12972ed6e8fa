/** Numbers of a producer that retention has taken from a log: they are not lost. */
export interface RemovedNumbers {
  readonly producerId: string
  /** The highest `sequence` that went: of those up to it, whatever is not there is no loss. */
  readonly upTo: number
}

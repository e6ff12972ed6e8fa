import type { Arm, Clock, Recorder, Timers } from '@fairtrial/exposure'

/** What an observer needs: somebody who records. All else has its default. */
export interface ObserverOptions {
  /** The one that the client is made with. */
  readonly recorder: Pick<Recorder, 'measure'>
  /** Milliseconds between two times that sums are handed to the recorder. Default 10,000. */
  readonly everyMs?: number
  /** How far a quantile may be off, as a share of itself, above 0 and below 1. Default 0.01. */
  readonly accuracy?: number
  /** Names times arms that are held at most; each grows to some megabytes of bins at the most. Default 200. */
  readonly maximumSeries?: number
  readonly clock?: Pick<Clock, 'now'>
  readonly timers?: Timers
}

/** What became of what was observed. */
export interface ObserverStatus {
  /** Observations of an arm: one that was made in two arms counts twice. */
  readonly observed: number
  /** Observations in no arm's scope; they are nobody's. */
  readonly unattributed: number
  /** Of a name that is none, or a number that is not finite or beyond 1e150. */
  readonly invalid: number
  /** Observations of an arm for which there was no series left. */
  readonly refused: number
  readonly series: number
  /** Measurements that the recorder took, and those that it did not. */
  readonly handedOver: number
  readonly dropped: number
}

/** Sums up what a service measures, by the arms that it was measured in. Nothing here throws. */
export interface Observer {
  /**
   * Runs a request, synchronous or not, with arms in scope: one, or one of each of several experiments. Within another
   * scope its arms stay, but for those of the same experiments. Arms that are not assigned have no part in it.
   */
  inScope<T>(arms: Arm | readonly Arm[], run: () => T): T
  /**
   * Attributes a number to every arm in scope: `observe('latency', seconds)`, `observe('errors', 0)`. What a metric of
   * the plan with `source: 'measurements'` has for its event. Outside any scope it counts as unattributed.
   */
  observe(name: string, value: number): void
  /** Hands all sums to the recorder now. */
  flush(): void
  status(): ObserverStatus
  /** Hands all sums over, and takes none any more. Before the recorder, or the client, is closed. */
  close(): void
}

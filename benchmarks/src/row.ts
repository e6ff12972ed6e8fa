import { median } from './median.ts'
import type { Timings } from './race.ts'

/** One line of the printed table: what a subject took, and its ratio to another subject of the same race. */
export interface Row {
  /** The job, for example `assign, one experiment`. */
  benchmark: string
  subject: string
  /** Median nanoseconds a call, or a batch's item. */
  nanoseconds: number
  /** The subject that this one is compared with; absent on a row that stands for itself. */
  against?: string
  /** Time of the subject over time of `against`: the median over the rounds of the ratio in that round. */
  ratio?: number
  /** What the ratio should be. */
  target?: Target
  /** Heap bytes allocated a call, where they can be sampled. */
  bytesPerCall?: number
  /** What `bytesPerCall` should not exceed. */
  bytesAtMost?: number
}

/** A bound on a ratio. `atLeast: 4` on a rival says that it takes at least four times as long. */
type Target = { atMost: number } | { atLeast: number }

/** What a row is held against. */
interface Comparison<Name extends string> {
  against?: Name
  target?: Target
  bytesAtMost?: number
}

/** Makes the row of one subject of a race. */
export function row<Name extends string>(
  benchmark: string,
  timings: Timings<Name>,
  subject: NoInfer<Name>,
  { against, target, bytesAtMost }: Comparison<NoInfer<Name>> = {},
): Row {
  const { rounds, bytesPerCall } = timings[subject]
  return {
    benchmark,
    subject,
    nanoseconds: median(rounds),
    ...(against !== undefined && { against, ratio: pairedRatio(rounds, timings[against].rounds) }),
    ...(target !== undefined && { target }),
    ...(bytesPerCall !== undefined && { bytesPerCall }),
    ...(bytesAtMost !== undefined && { bytesAtMost }),
  }
}

/** Whether every bound of the row is kept; `undefined` where it has none. */
export function keepsTarget({ ratio, target, bytesPerCall, bytesAtMost }: Row): boolean | undefined {
  const kept: boolean[] = []
  if (ratio !== undefined && target !== undefined) {
    kept.push('atMost' in target ? ratio <= target.atMost : ratio >= target.atLeast)
  }
  if (bytesAtMost !== undefined) kept.push(bytesPerCall !== undefined && bytesPerCall <= bytesAtMost)
  return kept.length === 0 ? undefined : kept.every(Boolean)
}

/** Rounds are compared one by one, not median with median: a slow minute slows both sides of a round. */
function pairedRatio(of: readonly number[], over: readonly number[]): number {
  return median(of.map((nanoseconds, round) => nanoseconds / (over[round] ?? Number.NaN)))
}

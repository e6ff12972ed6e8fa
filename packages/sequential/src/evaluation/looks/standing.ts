import type { LookRecord } from '@fairtrial/protocol'
import type { SpendingDesign } from './design.ts'

/** Where a comparison stands before a look. */
export interface Standing {
  /** Looks taken. */
  readonly taken: number
  /** Those that spent alpha. */
  readonly spending: readonly LookRecord[]
  /** Two-sided alpha that they spent, with what harm has from the start. */
  readonly alphaSpent: number
  /** The look that decided. */
  readonly decision: LookRecord | undefined
  /** Whether a look was chosen with an eye on the effect, so that the confidence sequence decides now. */
  readonly isChosen: boolean
  /** Whether the final look is taken. */
  readonly isEnded: boolean
  /** The fraction of the schedule that is next; null where none is. */
  readonly nextAt: number | null
}

/** Two looks must differ by this share of the information, as `groupSequentialBoundaries` has it. */
export const CLOSEST = 1e-5

/** Reads one comparison's looks. */
export function standingOf(past: readonly LookRecord[], { planned, harmAlpha }: SpendingDesign): Standing {
  const spending = past.filter((record) => record.kind !== 'chosen')
  const last = spending.at(-1)
  const decision = past.find(({ decided }) => decided !== null)
  const isChosen = past.some(({ kind }) => kind === 'chosen')
  const isEnded = last?.kind === 'final'
  const isOver = decision !== undefined || isChosen || isEnded
  return {
    taken: past.length,
    spending,
    alphaSpent: last?.alphaSpent ?? harmAlpha,
    decision,
    isChosen,
    isEnded,
    nextAt: isOver ? null : nextAfter(last?.informationFraction ?? 0, planned),
  }
}

/** The next fraction of a schedule; looks that were passed over are one look, with the one that is taken. */
export function nextAfter(fraction: number, planned: readonly number[]): number | null {
  return planned.find((each) => each > fraction) ?? null
}

/** Whether there is enough new information for a look of its own, and alpha left for it. */
export function hasMore({ spending, isEnded }: Standing, fraction: number): boolean {
  const last = spending.at(-1)?.informationFraction ?? 0
  return !isEnded && last < 1 && fraction - last >= CLOSEST * fraction && fraction > 0
}

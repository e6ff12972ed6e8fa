import type { IntervalMethod, SealedAnalysisPlan, SpendingRule } from '@fairtrial/protocol'
import { type Boundaries, groupSequentialBoundaries } from '../../group-sequential/boundaries.ts'
import { remember } from './remember.ts'

/** The group-sequential part of how a comparison is decided. */
export interface SpendingDesign {
  /** 2: better and worse, with half of `alpha` each. 1: better only; harm is watched by a confidence sequence. */
  readonly sides: 1 | 2
  /** What the looks spend. */
  readonly alpha: number
  /** What the confidence sequence against harm has, from the start. */
  readonly harmAlpha: number
  readonly rule: SpendingRule
  /** The information fractions of the schedule. */
  readonly planned: readonly number[]
  readonly maximumUnits: number
  /** Whether a look out of schedule may decide. */
  readonly takesUnplanned: boolean
  /** What an interval of a look is called. */
  readonly method: IntervalMethod
}

/** How a method with looks spends a comparison's alpha. One look is a schedule of one. */
export function spendingDesign(
  { method, looks = [1], spending = EVENLY, maximumUnits }: SealedAnalysisPlan,
  alpha: number,
): SpendingDesign {
  const isHybrid = method === 'hybrid'
  const isFixed = method === 'fixed-horizon'
  const harmAlpha = isHybrid ? alpha / 2 : 0
  return {
    sides: isHybrid ? 1 : 2,
    alpha: alpha - harmAlpha,
    harmAlpha,
    rule: spending,
    planned: isFixed ? [1] : looks,
    maximumUnits: maximumUnits!,
    takesUnplanned: !isFixed,
    method: isFixed ? 'fixed' : 'repeated',
  }
}

/** Of one look only, at which every rule spends all there is. */
const EVENLY: SpendingRule = { type: 'kim-demets', power: 1 }

const solved = remember<Boundaries>(256)

/**
 * The bounds of a design at these looks; at the last of them all that is left is spent where it `isFinal`. Solved once and remembered, a few hundred at most: the looks past come again at
 * every look that follows, and in every comparison with as many units.
 */
export function boundariesAt(
  informationFractions: readonly number[],
  { sides, alpha, rule }: Pick<SpendingDesign, 'sides' | 'alpha' | 'rule'>,
  isFinal = false,
): Boundaries {
  const key = JSON.stringify([informationFractions, sides, alpha, rule, isFinal])
  return solved(key, () => groupSequentialBoundaries({ informationFractions, sides, alpha, rule, isFinal }))
}

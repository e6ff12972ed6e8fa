import { anytimeP } from '../anytime-evidence.ts'
import { sum } from '../disparity.ts'
import { sayCount, sayP, sayPart, sayShare } from '../words.ts'
import { detectableLoss, LARGEST_UNSHOWN, unitsNeeded } from './ratio-of-dry-run.ts'

/** So much smaller a share, where it is no chance, is taken for a loss: few changes have such an effect. */
const LARGEST_DIFFERENCE = 0.2

/** Of one arm, those that have something, of all that could have it. */
export interface ArmShare {
  readonly variant: string
  readonly has: number
  readonly of: number
}

/** Whether arms have something alike, and what could have been shown if they had not. */
export interface Evenness {
  /** Valid at every look; null where an arm has nobody, or there is but one. */
  readonly p: number | null
  /** Smallest loss in one arm that would have been shown in four dry runs of five; null where not even all of it. */
  readonly detectableLoss: number | null
  /** In sentences; null where there is nothing to say. */
  readonly uneven: string | null
  readonly tooFew: { readonly detail: string; readonly remedy: string } | null
}

/**
 * Are the shares of two or more arms alike? Given how many there are in all, they fall on the arms by the arms' sizes. Off
 * are arms that differ by more than chance and by a fifth or more; even is only what could have been shown not to be: half
 * of an arm's.
 *
 * @param what they have, as in `3 of 750 units in control have WHAT`
 * @param noun of one that may have it: `unit`
 */
export function evennessOf(
  arms: readonly ArmShare[],
  { what, noun, alpha }: { readonly what: string; readonly noun: string; readonly alpha: number },
): Evenness {
  const weights = arms.map(({ of }) => of)
  if (arms.length < 2 || weights.includes(0))
    return { p: null, detectableLoss: null, uneven: null, tooFew: null }
  const counts = arms.map(({ has }) => has)
  const units = sum(counts)
  const p = anytimeP([{ counts, weights }], 1)
  const shares = arms.map(({ has, of }) => has / of)
  const isOff = p < alpha && Math.min(...shares) <= (1 - LARGEST_DIFFERENCE) * Math.max(...shares)
  const told = arms.map(({ variant, has, of }) => `${sayPart(has, of, noun)} in ${variant}`)
  const losses = arms.map((_, arm) => detectableLoss({ weights, units, alpha }, arm))
  const shown = losses.includes(null) ? null : Math.max(...losses.map((loss) => loss ?? 1))
  const isShown = shown !== null && shown <= LARGEST_UNSHOWN
  const could = shown === null ? 'no loss at all' : `no loss below ${sayShare(shown)} of an arm's`
  return {
    p,
    detectableLoss: shown,
    uneven: isOff ? `${told.join(', ')} have ${what}; anytime-valid p ${sayP(p)} if arms were alike.` : null,
    tooFew:
      isShown || isOff
        ? null
        : {
            detail: `${sayCount(units, noun)} with ${what} could have shown ${could}; a loss of ${sayShare(LARGEST_UNSHOWN)} must show.`,
            remedy: `Let more through the dry run: about ${sayCount(unitsNeeded(weights, alpha), noun)} with ${what} are enough.`,
          },
  }
}

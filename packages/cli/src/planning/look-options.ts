import type { BoundaryRule, SpendingFunction } from '@fairtrial/sequential'
import { misused, refuseOptions, requireOption } from './usage.ts'

/** Names of `--spending`; `given` is told by `--shares`. */
export const spendings = [
  'hwang-shih-decani',
  'lan-demets-obrien-fleming',
  'lan-demets-pocock',
  'kim-demets',
  'given',
] as const

/** When is looked, as options tell it. */
export interface LookOptions {
  readonly looks?: number
  readonly information?: readonly number[]
}

/** How an error is spent, as options tell it. */
export interface SpendingOptions {
  readonly spending?: (typeof spendings)[number]
  /** gamma of Hwang-Shih-DeCani, the power of Kim-DeMets. */
  readonly parameter?: number
  /** Cumulative shares at the looks; of `given`. */
  readonly shares?: readonly number[]
}

/** The information fractions of the looks. */
export function fractionsOf({ looks, information }: LookOptions, otherwise: number): readonly number[] {
  if (information !== undefined) {
    if (looks !== undefined && looks !== information.length) {
      throw misused(
        `--looks ${looks} and --information ${information.join(',')} are not as many.`,
        'Give one of the two.',
      )
    }
    return information
  }
  const count = looks ?? otherwise
  return Array.from({ length: count }, (_, i) => (i + 1) / count)
}

/** The spending function, Hwang-Shih-DeCani(−4) by default. */
export function spendingOf(
  { spending = 'hwang-shih-decani', parameter, shares }: SpendingOptions,
  fractions: readonly number[],
): SpendingFunction {
  if (spending !== 'given') refuseOptions({ shares }, ['shares'], `without --spending given`)
  switch (spending) {
    case 'hwang-shih-decani':
      return { type: spending, gamma: parameter ?? -4 }
    case 'kim-demets':
      return { type: spending, power: parameter ?? 2 }
    case 'given':
      refuseOptions({ parameter }, ['parameter'], `with --spending ${spending}`)
      return {
        type: spending,
        fractions,
        shares: requireOption(shares, 'shares', '--spending given needs the cumulative share of each look'),
      }
    default:
      refuseOptions({ parameter }, ['parameter'], `with --spending ${spending}`)
      return { type: spending }
  }
}

/** A rule in words. */
export function sayRule(rule: BoundaryRule): string {
  switch (rule.type) {
    case 'hwang-shih-decani':
      return `Hwang-Shih-DeCani spending, gamma ${rule.gamma}`
    case 'kim-demets':
      return `Kim-DeMets spending, power ${rule.power}`
    case 'lan-demets-obrien-fleming':
      return "O'Brien-Fleming type spending (Lan-DeMets)"
    case 'lan-demets-pocock':
      return 'Pocock type spending (Lan-DeMets)'
    case 'given':
      return `spending as given: ${rule.shares.join(', ')}`
    case 'obrien-fleming':
      return "O'Brien-Fleming's classical shape"
    case 'pocock':
      return "Pocock's classical shape"
    case 'wang-tsiatis':
      return `Wang-Tsiatis' classical shape, delta ${rule.delta}`
  }
}

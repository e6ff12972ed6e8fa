import type { BoundaryRule, SpendingFunction } from '@fairtrial/sequential'
import type { StoppingPlan } from './stopping-rule.ts'
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

/** The spending function, Hwang-Shih-DeCani by default. */
export function spendingOf(
  { spending = 'hwang-shih-decani', parameter, shares }: SpendingOptions,
  fractions: readonly number[],
): SpendingFunction {
  if (spending !== 'given') refuseOptions({ shares }, ['shares'], 'without --spending given')
  if (spending !== 'given') return parametricSpending(spending, parameter, -4, '--spending', '--parameter')
  refuseOptions({ parameter }, ['parameter'], 'with --spending given')
  const why = '--spending given needs the cumulative share of each look'
  return { type: spending, fractions, shares: requireOption(shares, 'shares', why) }
}

/** A spending function with its parameter; `gamma` is what Hwang-Shih-DeCani has by default. */
export function parametricSpending(
  spending: Exclude<(typeof spendings)[number], 'given'>,
  parameter: number | undefined,
  gamma: number,
  spendingFlag: string,
  parameterFlag: string,
): SpendingFunction {
  const inRange = (value: number, least: number, range: string): number => {
    if (value >= least && value <= 100) return value
    throw misused(`${parameterFlag} ${value} is out of range for ${spendingFlag} ${spending}.`, range)
  }
  switch (spending) {
    case 'hwang-shih-decani': {
      const range = 'Give a gamma from -100 to 100; -4 spends late, 1 early.'
      return { type: spending, gamma: inRange(parameter ?? gamma, -100, range) }
    }
    case 'kim-demets': {
      const range = 'Give a power above 0, at most 100; 2 spends late, 1 evenly.'
      return { type: spending, power: inRange(parameter ?? 2, Number.MIN_VALUE, range) }
    }
    default:
      if (parameter === undefined) return { type: spending }
      throw misused(
        `${parameterFlag} ${parameter} has no meaning with ${spendingFlag} ${spending}.`,
        `Leave ${parameterFlag} out.`,
      )
  }
}

/** A rule in words. */
export function sayRule(rule: BoundaryRule | StoppingPlan): string {
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
    case 'group-sequential':
      return sayRule(rule.spending)
    case 'anytime':
      return `a confidence sequence, tuned at ${rule.tuneAt} of the information`
    case 'hybrid':
      return `half on benefit by ${sayRule(rule.spending)}, half on harm by a confidence sequence tuned at ${rule.tuneAt} of the information`
    case 'wang-tsiatis':
      return `Wang-Tsiatis' classical shape, delta ${rule.delta}`
  }
}

import type { CovariateBalanceCheck, DimensionRatioCheck, Estimate } from '@fairtrial/protocol'
import { layColumns } from './columns.ts'
import { sayCount, sayEffect, sayNumber } from './numbers.ts'
import { wrap } from './wrap.ts'

/** The sample ratio along a dimension, for people: a line a segment, the worst first. */
export function dimensionText(check: DimensionRatioCheck): string {
  const { dimension, segments, distinct, maximumSegments, heterogeneityP } = check
  const [first] = segments
  if (first === undefined) return `  by ${dimension}: no units`
  const rows = segments.map(({ segment, observed, largestDeviation, adjustedP }) => [
    `  ${segment === null ? '(all others)' : shorten(segment)}`,
    ...Object.values(observed).map(sayCount),
    `${(largestDeviation * 100).toFixed(2)} %`,
    sayP(adjustedP),
  ])
  const lines = [
    layColumns([
      [`by ${shorten(dimension)}`, ...Object.keys(first.observed), 'off by', 'adjusted p'],
      ...rows,
    ]),
    `    p that segments are off alike: ${sayP(heterogeneityP)}`,
  ]
  if (segments.some(({ segment }) => segment === null)) {
    const limit = `Of ${sayCount(distinct)} different texts the largest are told apart: at most ${maximumSegments}, and none of too few units to test.`
    lines.push(wrap(limit, '    '))
  }
  return lines.join('\n')
}

/** The balance of covariates, for people: a line an arm, each against control. */
export function balanceText(checks: readonly CovariateBalanceCheck[]): string {
  const rows = checks.flatMap(({ covariate, variants, comparisons }) => [
    [shorten(covariate), '', '', '', ''],
    ...Object.entries(variants).map(([variant, { n, mean }]) => {
      const compared = comparisons[variant]
      const difference = compared === undefined ? '' : sayEffect(compared.standardizedDifference)
      return [
        `  ${variant}`,
        sayCount(n),
        sayNumber(mean),
        difference,
        compared === undefined ? '' : sayP(compared.adjustedP),
      ]
    }),
  ])
  return layColumns([['balance', 'units', 'mean', 'difference / sd', 'adjusted p'], ...rows])
}

function sayP(p: Estimate<number>): string {
  return typeof p === 'number' ? sayNumber(p) : 'untested'
}

const LONGEST = 24

function shorten(text: string): string {
  if (text.trim() === '') return JSON.stringify(text.slice(0, LONGEST))
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

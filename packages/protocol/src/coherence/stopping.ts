import { child } from '../path.ts'
import type { AnalysisMethod } from '../stopping.ts'
import { type AnalysisParts, type Parts, present, type Report } from './report.ts'

/** Why a method has no schedule of looks. */
const UNSCHEDULED: { readonly [M in AnalysisMethod]?: string } = {
  'asymptotic-cs': 'The method asymptotic-cs is valid at every look, and keeps no schedule.',
  'fixed-horizon': 'The method fixed-horizon has one look, at maximumUnits.',
  bayesian: 'The method bayesian stops by its rule on the posterior, at any look.',
}

/** Two looks closer than this, as shares of the planned information, cannot be told apart in the arithmetic. */
const CLOSEST = 1e-5

export function checkStopping({ analysis }: Parts, report: Report): void {
  if (analysis === undefined) return
  checkEnd(analysis, report)
  checkScheduled(analysis, report)
  checkLooks(analysis, report)
  checkPower(analysis, report)
  checkRule(analysis, report)
}

function checkEnd(analysis: AnalysisParts, report: Report): void {
  const { method } = analysis
  if ('maximumUnits' in analysis) return
  if (method === 'group-sequential' || method === 'hybrid' || method === 'fixed-horizon') {
    report(
      'analysis.maximumUnits',
      undefined,
      `The method ${method} has a planned end.`,
      'Say at how many units, over the two arms compared; `fairtrial power` tells how many it takes.',
    )
  } else if (!('tuneAt' in analysis)) {
    report(
      'analysis.tuneAt',
      undefined,
      'Nothing says at how many units the intervals are to be tightest.',
      'Give the units, over the two arms compared, e.g. 20000.',
    )
  }
}

function checkScheduled(analysis: AnalysisParts, report: Report): void {
  const why = analysis.method && UNSCHEDULED[analysis.method]
  if (why === undefined) return
  for (const field of ['looks', 'spending', 'futility'] as const) {
    if (analysis[field] === undefined) continue
    report(
      child('analysis', field),
      analysis[field],
      why,
      `Leave ${field} out, or take the method group-sequential or hybrid.`,
    )
  }
}

function checkLooks({ looks, maximumUnits }: AnalysisParts, report: Report): void {
  if (looks === undefined) return
  const fractions = typeof looks === 'number' ? [1 / looks, 1] : present(looks)
  if (typeof looks !== 'number') {
    if (fractions.length < looks.length) return
    fractions.forEach((fraction, index) => {
      const before = fractions[index - 1] ?? 0
      if (fraction - before >= CLOSEST) return
      report(
        `analysis.looks[${index}]`,
        fraction,
        `The fraction ${fraction} is not at least ${CLOSEST} more than ${before}, the one before.`,
        'Let the fractions rise.',
      )
    })
    const last = fractions.at(-1)
    if (last !== undefined && last < 1) {
      report(
        `analysis.looks[${fractions.length - 1}]`,
        last,
        `The last look is at ${last}, so that the alpha kept for the end is never spent.`,
        'End the list with 1, which is at maximumUnits.',
      )
    }
  }
  const closest = Math.min(...fractions.map((fraction, index) => fraction - (fractions[index - 1] ?? 0)))
  const units = closest * (maximumUnits ?? Number.NaN)
  if (closest >= CLOSEST && units < 1) {
    report(
      'analysis.looks',
      looks,
      `The closest two are ${closest} × ${maximumUnits} = ${Number(units.toPrecision(4))} units apart.`,
      'Take fewer looks, or more units.',
    )
  }
}

/** A trial finds what is there more often than what is not. */
function checkPower({ futility, alpha = 0.05 }: AnalysisParts, report: Report): void {
  const beta = futility?.beta
  if (beta === undefined || 1 - beta > alpha) return
  report(
    'analysis.futility.beta',
    beta,
    `The power 1 − ${beta} = ${Number((1 - beta).toPrecision(12))} is not more than alpha, ${alpha}.`,
    'Beta is the chance of missing the minimum lift, e.g. 0.2.',
  )
}

function checkRule(analysis: AnalysisParts, report: Report): void {
  const { method, bayesian } = analysis
  if (method === 'bayesian' && !('bayesian' in analysis)) {
    report(
      'analysis.bayesian',
      undefined,
      'The method bayesian has no prior and no rule.',
      'Register them, e.g. { prior: { scale: "relative", mean: 0, standardDeviation: 0.05 }, stopWhen: { chanceToBeat: 0.95 } }.',
    )
  }
  if (method !== undefined && method !== 'bayesian' && bayesian !== undefined) {
    report(
      'analysis.bayesian',
      bayesian,
      `The method ${method} reads no posterior.`,
      'Leave bayesian out, or take the method bayesian.',
    )
  }
}

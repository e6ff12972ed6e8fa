import { sayRule } from '../planning/look-options.ts'
import type { PowerAnswer, ToldEffect } from '../planning/power-answer.ts'
import { layColumns } from './columns.ts'
import { sayCount, sayEffect, sayLift, sayNumber } from './numbers.ts'
import { wrap } from './wrap.ts'

/** A plan for people: the answer, what it was planned with, and what other sizes would find. */
export function powerText(told: PowerAnswer): string {
  const { experiment } = told
  const of = experiment ? `${experiment.key}, ${experiment.metric}: ` : ''
  return [
    wrap(of + headline(told), '', '  '),
    armsText(told),
    ...premises(told).map((line) => wrap(line, '  ', '    ')),
    curveText(told),
    ...told.notes.map((note) => wrap(note, '  note  ', '        ')),
  ].join('\n')
}

function headline({ asked, power, difference, margin, totalUnits }: PowerAnswer): string {
  const units = `${sayCount(totalUnits)} units`
  const chance = `a power of ${sayPercent(power)}`
  const effect =
    margin === null
      ? `find ${sayToldEffect(difference)}`
      : `rule out a harm of ${sayAmount(margin)} where ${difference.absolute === 0 ? 'there is none' : `the effect is ${sayToldEffect(difference)}`}`
  if (asked === 'power') return `${units} have ${chance} to ${effect}`
  return `${units} ${asked === 'units' ? 'to ' : ''}${effect} with ${chance}`
}

function armsText({ arms, totalUnits }: PowerAnswer): string {
  const hasClusters = arms.some(({ clusters }) => clusters !== undefined)
  return layColumns([
    ['', 'weight', 'units', ...(hasClusters ? ['clusters'] : [])],
    ...arms.map(({ name, weight, units, clusters }) => [
      name,
      String(weight),
      sayCount(units),
      ...(clusters === undefined ? [] : [sayCount(clusters)]),
    ]),
    ['total', '', sayCount(totalUnits)],
  ])
}

function premises(told: PowerAnswer): string[] {
  const { metric, clusters, days } = told
  const baseline = metric.baseline === null ? '' : ` ${sayNumber(metric.baseline)}`
  return [
    `${metric.type}${baseline}, variance ${sayNumber(metric.variance)}; ${conventions[metric.convention]}`,
    errorText(told),
    ...(clusters
      ? [
          `clusters of ${sayNumber(clusters.size)}, correlation ${clusters.correlation}: design effect ${sayNumber(clusters.designEffect)}`,
        ]
      : []),
    planText(told),
    ...(days ? [daysText(told, days)] : []),
  ]
}

const conventions = {
  pooled: 'pooled variance under the null',
  unpooled: "unpooled: each arm's own variance",
  restricted: 'variance under the null from the likeliest rates at the margin (Farrington-Manning)',
} as const

function errorText({ error, margin }: PowerAnswer): string {
  const { alpha, comparisons, correction, comparisonAlpha, sides } = error
  const divided =
    comparisons > 1 && correction !== 'none' ? ` over ${comparisons} comparisons (${correction})` : ''
  if (margin)
    return `non-inferiority: one-sided at half of alpha ${alpha}${divided}, ${sayNumber(comparisonAlpha)}`
  return `${sides === 2 ? 'two' : 'one'}-sided alpha ${alpha}${divided}${divided && `, ${sayNumber(comparisonAlpha)} each`}`
}

function planText({ plan, totalUnits, margin }: PowerAnswer): string {
  if (plan.type === 'fixed') return 'one look, at the end'
  const looks = plan.informationFractions?.length ?? 1
  const rule = [
    `${plan.type}, ${looks} ${looks === 1 ? 'look' : 'looks'}`,
    ...(plan.spending ? [sayRule(plan.spending)] : []),
    ...(plan.tuneAt === undefined
      ? []
      : [`tuned at ${sayCount(Math.ceil(plan.tuneAt))} units of the two arms`]),
  ].join(', ')
  const price = plan.inflation === null ? '' : `, ${plan.inflation.toFixed(3)} times those of one look`
  const { underNull, underDifference } = plan.expectedUnits
  return `${rule}: at most ${sayCount(totalUnits)} units${price}; ${sayAverages(margin, sayCount(Math.round(underNull)), sayCount(Math.round(underDifference)))}`
}

function daysText({ plan, margin }: PowerAnswer, days: NonNullable<PowerAnswer['days']>): string {
  const { unitsPerDay, maximum, underNull, underDifference } = days
  const average =
    plan.type === 'fixed' ? '' : `; ${sayAverages(margin, underNull.toFixed(1), underDifference.toFixed(1))}`
  return `${sayCount(maximum)} ${maximum === 1 ? 'day' : 'days'} at ${sayCount(unitsPerDay)} units a day${average}`
}

/** Two averages: where the hypothesis that is tested against is true, and where the effect is the planned one. */
function sayAverages(margin: ToldEffect | null, underNull: string, underDifference: string): string {
  return margin === null
    ? `on average ${underNull} without an effect, ${underDifference} with it`
    : `on average ${underNull} with a harm of the margin, ${underDifference} as planned`
}

function curveText({ curve, asked, power, margin, totalUnits }: PowerAnswer): string {
  const target = asked === 'power' ? 0.8 : power
  return layColumns([
    ['', 'units', 'power', `${margin ? 'rules out' : 'finds'} at ${sayPercent(target)}`],
    ...curve.map(({ units, power, detectable }, i) => [
      '',
      sayCount(i === 3 ? totalUnits : Math.ceil(units)),
      sayPercent(power),
      detectable === null ? 'nothing' : margin ? sayAmount(detectable) : sayToldEffect(detectable),
    ]),
  ])
}

function sayToldEffect({ absolute, relative }: ToldEffect): string {
  return `${sayEffect(absolute)}${relative === null ? '' : ` (${sayLift(relative)})`}`
}

/** Of a harm, which has a size and no sign. */
function sayAmount({ absolute, relative }: ToldEffect): string {
  return `${sayNumber(absolute)}${relative === null ? '' : ` (${sayLift(relative).replace('+', '')})`}`
}

function sayPercent(share: number): string {
  return share > 0.9999 ? '> 99.99 %' : `${Number((share * 100).toPrecision(4))} %`
}

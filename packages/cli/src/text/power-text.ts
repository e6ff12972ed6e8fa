import { sayRule } from '../planning/look-options.ts'
import type { PowerAnswer, ToldEffect } from '../planning/power-answer.ts'
import { layColumns } from './columns.ts'
import { sayCount, sayEffect, sayLift, sayNumber } from './numbers.ts'
import { wrap } from './wrap.ts'

/** A plan for people: the answer, what it was planned with, and what other sizes would find. */
export function powerText(told: PowerAnswer): string {
  return [
    wrap(headline(told), '', '  '),
    armsText(told),
    ...premises(told).map((line) => wrap(line, '  ', '    ')),
    curveText(told),
    ...told.notes.map((note) => wrap(note, '  note  ', '        ')),
  ].join('\n')
}

function headline({ asked, power, difference, margin, totalUnits }: PowerAnswer): string {
  const units = `${sayCount(totalUnits)} units`
  const effect =
    margin === null
      ? sayToldEffect(difference)
      : `that the harm is less than ${sayAmount(margin)}, if the difference is ${sayToldEffect(difference)},`
  if (asked === 'power')
    return `${units} have a power of ${sayPercent(power)} to ${margin ? 'show' : 'find'} ${effect.replace(/,$/, '')}`
  if (asked === 'difference') return `${units} find ${effect} with a power of ${sayPercent(power)}`
  return `${units} to ${margin ? 'show' : 'find'} ${effect} with a power of ${sayPercent(power)}`
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

function planText({ plan, totalUnits }: PowerAnswer): string {
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
  return `${rule}: at most ${sayCount(totalUnits)} units${price}; on average ${sayCount(Math.round(underNull))} without an effect, ${sayCount(Math.round(underDifference))} with it`
}

function daysText({ plan }: PowerAnswer, days: NonNullable<PowerAnswer['days']>): string {
  const { unitsPerDay, maximum, underNull, underDifference } = days
  const average =
    plan.type === 'fixed'
      ? ''
      : `; on average ${underNull.toFixed(1)} without an effect, ${underDifference.toFixed(1)} with it`
  return `${sayCount(maximum)} ${maximum === 1 ? 'day' : 'days'} at ${sayCount(unitsPerDay)} units a day${average}`
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

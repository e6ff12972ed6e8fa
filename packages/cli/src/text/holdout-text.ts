import type { HoldoutDocument, HoldoutMetric, HoldoutReport } from '../holdout/report-holdout.ts'
import type { ScaledEffect } from '../holdout/holdout-impact.ts'
import { auditText } from './audit-text.ts'
import { layColumns } from './columns.ts'
import { evaluationText } from './evaluation-text.ts'
import { sayBounds, sayCount, sayEffect } from './numbers.ts'
import { wrap } from './wrap.ts'

/** A report of a holdout for people: the numbers, whether to believe them, and last what they come to. */
export function holdoutText({ trial, evaluation, document }: HoldoutReport): string {
  return [
    headText(document),
    evaluationText(trial, evaluation),
    auditText(document.audit),
    outcomeText(document),
    ...leftOutText(document),
    ['What it says, and what it cannot:', ...document.limits.map((each) => wrap(each, '  ', '    '))].join(
      '\n',
    ),
  ].join('\n\n')
}

function headText({ holdout, units, population }: HoldoutDocument): string {
  const inTable = units['status-quo'] + units['all-shipped'] + units.outside
  const of = population === null || population === inTable ? '' : ` of ${sayCount(population)}`
  return wrap(
    `Holdout ${holdout.name}, ${holdout.percent} % of units in each arm; ${sayCount(inTable)} units in the table${of}, ${sayCount(units.outside)} of them outside the holdout.`,
    '',
    '  ',
  )
}

function outcomeText(document: HoldoutDocument): string {
  const { audit, metrics } = document
  return [
    ...(audit.verdict === 'broken' ? ['The audit does not believe these data; nor should anybody.'] : []),
    ...Object.entries(metrics).flatMap(([name, { sentence, impact }]) => [
      wrap(sentence, '', '  '),
      ...(impact === null ? [] : [impactText(name, impact, document)]),
    ]),
  ].join('\n')
}

function impactText(
  metric: string,
  { perUnit, allUnits, heldBack }: NonNullable<HoldoutMetric['impact']>,
  { period }: HoldoutDocument,
): string {
  const rowsOf = (who: string, { total, interval, perDay }: ScaledEffect) => [
    [period === null ? who : `${who}, in ${period}`, sayEffect(total), sayBounds(interval)],
    ...(perDay === undefined ? [] : [[`${who}, a day`, sayEffect(perDay.total), sayBounds(perDay.interval)]]),
  ]
  return layColumns([
    [metric, 'effect', 'interval'],
    ...rowsOf('a unit', perUnit),
    ...(allUnits === null ? [] : rowsOf(`${sayCount(allUnits.units)} units`, allUnits)),
    ...rowsOf(`${sayCount(heldBack.units)} held back`, heldBack),
  ])
}

function leftOutText({ leftOut: { metrics, covariates, dimensions } }: HoldoutDocument): string[] {
  const parts = [
    ['metrics', metrics],
    ['dimensions', dimensions],
  ] as const
  const told = parts.flatMap(([what, names]) => (names.length === 0 ? [] : [`${what} ${names.join(', ')}`]))
  return [
    ...(told.length === 0 ? [] : [`In the plan and not in the table: ${told.join('; ')}.`]),
    ...(covariates.length === 0 ? [] : [`Covariates left out: ${covariates.join(', ')}.`]),
  ].map((each) => wrap(each, '', '  '))
}

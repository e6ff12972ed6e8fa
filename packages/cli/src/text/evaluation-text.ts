import type { Comparison, Evaluation, Experiment, MetricEvaluation } from '@fairtrial/protocol'
import { layColumns } from './columns.ts'
import { sayBounds, sayCount, sayEffect, sayLift, sayNumber } from './numbers.ts'
import { wrap } from './wrap.ts'

/** An evaluation for people: each metric's arms, then each arm against control with its intervals. */
export function evaluationText(experiment: Experiment, evaluation: Evaluation): string {
  const units = Object.entries(evaluation.units).map(([variant, n]) => `${variant} ${sayCount(n)}`)
  return [
    wrap(`${evaluation.experiment}: units ${units.join(', ')}`, '', '  '),
    ...Object.entries(evaluation.metrics).map(([name, metric]) =>
      [
        `${name} (${metric.role}, to ${metric.direction})`,
        armsText(metric),
        ...Object.entries(metric.comparisons).map(([variant, comparison]) =>
          comparisonText(`${variant} against ${experiment.control}`, comparison),
        ),
      ].join('\n'),
    ),
  ].join('\n\n')
}

function armsText({ variants }: MetricEvaluation): string {
  const arms = Object.entries(variants).map(([variant, { n, mean, variance }]) => [
    variant,
    sayCount(n),
    sayNumber(mean),
    sayNumber(variance),
  ])
  return layColumns([['', 'units', 'mean', 'variance'], ...arms])
}

function comparisonText(title: string, comparison: Comparison): string {
  const { effect, interval, fixed, verdict, guardrail } = comparison
  const lines = [
    `  ${title}: ${verdict}`,
    layColumns(
      [
        ['effect', sayEffect(effect.absolute), sayLift(effect.relative)],
        [
          `${percent(interval.level)} at any look`,
          sayBounds(interval.absolute),
          sayBounds(interval.relative, sayLift),
        ],
        [
          `${percent(fixed.interval.level)} at one look`,
          sayBounds(fixed.interval.absolute),
          sayBounds(fixed.interval.relative, sayLift),
        ],
      ],
      '    ',
    ),
    `    Welch p ${sayNumber(fixed.pValue)} at one look, p ${sayNumber(comparison.anytimePValue)} at any look`,
  ]
  if (guardrail) lines.push(wrap(`guardrail ${guardrail.verdict}: ${guardrail.detail}`, '    '))
  return lines.join('\n')
}

const percent = (level: number) => `${Number((level * 100).toPrecision(6))} %`

import type { Decision, Evaluation } from '@fairtrial/protocol'
import { layColumns } from './columns.ts'
import { sayBounds, sayCount, sayEffect, sayLift, sayNumber } from './numbers.ts'

/** An evaluation for people: effects with their intervals first, the decision last. */
export function evaluationText(evaluation: Evaluation, decision: Decision): string {
  const units = Object.entries(evaluation.units).map(([variant, n]) => `${variant} ${sayCount(n)}`)
  const sections = Object.entries(evaluation.metrics).map(([name, { role, variants, comparisons }]) => {
    const arms = Object.entries(variants).map(([variant, { n, mean }]) => [
      variant,
      `${sayCount(n)} units`,
      `mean ${sayNumber(mean)}`,
    ])
    const effects = Object.entries(comparisons).map(([variant, comparison]) => {
      const { effect, interval, fixed, verdict, guardrail } = comparison
      return [
        `  ${variant} − control: ${sayEffect(effect.absolute)} (${sayLift(effect.relative)})  ${verdict}`,
        `    ${percent(interval.level)} at any look   ${sayBounds(interval.absolute)}  ${sayBounds(interval.relative, sayLift)}`,
        `    ${percent(fixed.interval.level)} at one look   ${sayBounds(fixed.interval.absolute)}  Welch p = ${sayNumber(fixed.pValue)}`,
        ...(guardrail ? [`    guardrail ${guardrail.verdict}: ${guardrail.detail}`] : []),
      ].join('\n')
    })
    return [`${name} (${role})`, layColumns(arms), ...effects].join('\n')
  })
  return [
    `${evaluation.experiment}: ${units.join(', ')}`,
    ...sections,
    [`Decision: ${decision.action}`, ...decision.reasons.map((reason) => `  ${reason}`)].join('\n'),
  ].join('\n\n')
}

const percent = (level: number) => `${Number((level * 100).toPrecision(6))} %`

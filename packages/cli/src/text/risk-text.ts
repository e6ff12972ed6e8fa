import type { Evaluation, Experiment, RolloutState } from '@fairtrial/protocol'
import { type ExpectedLoss, expectedLoss } from '@fairtrial/rollout'
import { isNotEstimable, sayCount, sayShare } from './numbers.ts'
import { wrap } from './wrap.ts'

/** What may go wrong: which guardrails are proven harmless, and, where the plan has costs, what errors are expected to cost. */
export function riskLines(experiment: Experiment, evaluation: Evaluation, state: RolloutState): string[] {
  return [wrap(`Risk: ${guardrailsOf(evaluation)}`, '', '  '), ...lossLines(experiment, evaluation, state)]
}

function guardrailsOf({ metrics }: Evaluation): string {
  const guarded = Object.entries(metrics).flatMap(([metric, { comparisons }]) =>
    Object.entries(comparisons).flatMap(([variant, { guardrail }]) =>
      guardrail === undefined ? [] : [{ name: `${metric}, ${variant}`, verdict: guardrail.verdict }],
    ),
  )
  const told = WORDS.flatMap(([verdict, words]) => {
    const names = guarded.filter((each) => each.verdict === verdict).map(({ name }) => name)
    return names.length === 0 ? [] : [`${words}: ${names.join('; ')}`]
  })
  return told.length === 0 ? 'no guardrail is declared' : told.join('. ')
}

const WORDS = [
  ['breach', 'breached'],
  ['unknown', 'not proven harmless'],
  ['ok', 'proven harmless'],
] as const

function lossLines(experiment: Experiment, evaluation: Evaluation, state: RolloutState): string[] {
  if (experiment.costs === undefined) return []
  const loss = expectedLoss(experiment, evaluation, { treatedShare: treatedShare(experiment, state) })
  if (isNotEstimable(loss)) return []
  const { variant, chanceOfHarm, sensitivity, cheaper } = loss
  const agreeing = sensitivity.filter((each) => each.cheaper === cheaper).length
  const said = [
    `Expected loss, of ${variant}: ${costsOf(loss)}; a chance of ${sayShare(chanceOfHarm)} that it is worse than control.`,
    ...(cheaper === null
      ? []
      : [`To ${cheaper} costs less, as under ${agreeing} of ${sensitivity.length} priors tried.`]),
  ]
  return [wrap(said.join(' '), '  ')]
}

function costsOf({ cost, currency }: ExpectedLoss): string {
  const choices = [
    ['to ship', cost.ship],
    ['one more day', cost.hold],
    ['to abort', cost.abort],
  ] as const
  return choices
    .flatMap(([choice, price]) =>
      price === null ? [] : [`${choice} ${sayCount(Math.round(price))} ${currency ?? ''}`.trim()],
    )
    .join(', ')
}

/** Of all eligible units, those that are on a treatment now. */
function treatedShare({ variants, control }: Experiment, { trafficPercent }: RolloutState): number {
  const all = variants.reduce((sum, { weight }) => sum + weight, 0)
  const treated = variants.reduce((sum, { name, weight }) => sum + (name === control ? 0 : weight), 0)
  return (trafficPercent / 100) * (treated / all)
}

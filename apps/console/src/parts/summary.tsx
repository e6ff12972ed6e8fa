import type { RolloutView } from '@fairtrial/rollout'
import type { ReactNode } from 'react'
import { numberOf, sayBareDifference, sayCount, sayNumber, unitOfDifference } from '../words/numbers.ts'
import { sayReading, sayVerdict, type Tone } from '../words/rollout-words.ts'
import { Sign } from './badge.tsx'

/** What a decision rests on, in a line: effect, impact, guardrails, audit, units. */
export function Summary({ view: { experiment, evaluation, audit } }: { readonly view: RolloutView }) {
  if (evaluation === null) return null
  const { metric } = experiment.hypothesis
  const definition = experiment.metrics[metric]
  const comparisons = Object.entries(evaluation.metrics[metric]?.comparisons ?? {})
  const units = Object.values(evaluation.units).reduce((sum, n) => sum + n, 0)
  return (
    <dl className="facts summary">
      {comparisons.map(([variant, { effect, interval, verdict, impactPerDay }]) => {
        const estimate = numberOf(effect.absolute)
        const { tone } = sayReading(verdict, audit)
        const total = numberOf(impactPerDay?.total)
        return (
          <Fact key={variant} term={comparisons.length > 1 ? `${metric}, ${variant}` : metric} tone={tone}>
            {estimate === null ? 'not known yet' : `${sayBareDifference(estimate, definition)} `}
            {estimate !== null && (
              <span className="quiet">
                {Array.isArray(interval.absolute) &&
                  `[${sayBareDifference(interval.absolute[0], definition)}, ${sayBareDifference(interval.absolute[1], definition)}] `}
                {unitOfDifference(definition)}
                {total !== null && `, ${total > 0 ? '+' : ''}${sayNumber(total)} a day`}
              </span>
            )}
          </Fact>
        )
      })}
      <GuardrailFact {...{ experiment, evaluation, audit }} />
      <Fact term="Audit" tone={sayVerdict(audit?.verdict ?? null).tone}>
        {sayVerdict(audit?.verdict ?? null).word}
      </Fact>
      <Fact term="Exposed units">{sayCount(units)}</Fact>
    </dl>
  )
}

function GuardrailFact({
  experiment,
  evaluation,
  audit,
}: {
  readonly experiment: RolloutView['experiment']
  readonly evaluation: NonNullable<RolloutView['evaluation']>
  readonly audit: RolloutView['audit']
}) {
  const verdictsOf = (inShadow: boolean) =>
    experiment.guardrails
      .filter(({ shadow = false }) => shadow === inShadow)
      .flatMap(({ metric }) =>
        Object.values(evaluation.metrics[metric]?.comparisons ?? {}).map(
          ({ guardrail }) => guardrail?.verdict ?? 'unknown',
        ),
      )
  return [false, true].map((inShadow) => {
    const verdicts = verdictsOf(inShadow)
    if (verdicts.length === 0) return null
    const count = (verdict: string) => verdicts.filter((one) => one === verdict).length
    const [words, tone]: [string, Tone] =
      count('breach') > 0
        ? [`${count('breach')} of ${verdicts.length} breached`, inShadow ? 'caution' : 'harm']
        : count('unknown') > 0
          ? [`${count('unknown')} of ${verdicts.length} not known yet`, 'unknown']
          : [`${verdicts.length} of ${verdicts.length} inside`, sayReading('ok', audit).tone]
    const term = inShadow ? 'In shadow' : 'Guardrails'
    return (
      <Fact key={term} term={term} tone={tone}>
        {words}
      </Fact>
    )
  })
}

function Fact({
  term,
  tone,
  children,
}: {
  readonly term: string
  readonly tone?: Tone
  readonly children: ReactNode
}) {
  return (
    <div>
      <dt>{term}</dt>
      <dd className={tone === undefined ? undefined : `tone-${tone}`}>
        {tone !== undefined && <Sign tone={tone} />}
        <span>{children}</span>
      </dd>
    </div>
  )
}

import type {
  AuditReport,
  Comparison,
  Decision,
  Evaluation,
  Experiment,
  RolloutState,
} from '@fairtrial/protocol'
import { decisionText } from './decision-text.ts'
import { isNotEstimable, sayBounds, sayEffect, sayLevel, sayLift, sayNumber } from './numbers.ts'
import { sayP } from './p-value.ts'
import { riskLines } from './risk-text.ts'
import { wrap } from './wrap.ts'

/** What one look has brought. */
export interface LookResult {
  readonly evaluation: Evaluation
  readonly audit: AuditReport
  /** That the decision is upon. */
  readonly state: RolloutState
  readonly decision: Decision
}

/** All that somebody needs who decides, on one screen: what to do and why, whether to believe it, the effect, the risk, what next. */
export function summaryText(experiment: Experiment, look: LookResult): string {
  const { evaluation, audit, state, decision } = look
  return [
    decisionText(decision),
    ...validityLines(audit),
    ...effectLines(experiment, evaluation, audit),
    ...riskLines(experiment, evaluation, state),
    ...nextLines(decision),
  ].join('\n')
}

function validityLines({ verdict, findings, sampleRatio }: AuditReport): string[] {
  const grave = findings.filter(({ severity }) => severity !== 'note').map(({ code }) => code)
  const ratio =
    sampleRatio === null ? [] : [`sample ratio p ${sayNumber(sampleRatio.anytimePValue)} at any look`]
  const codes = [...new Set(grave)].join(', ')
  return [wrap(`Validity: ${[verdict, codes, ...ratio].filter((part) => part !== '').join('; ')}`, '', '  ')]
}

function effectLines(experiment: Experiment, evaluation: Evaluation, audit: AuditReport): string[] {
  const primaries = comparisonsOf(evaluation).filter(({ role }) => role === 'primary')
  return primaries.flatMap(({ metric, variant, comparison }) => {
    const { effect, interval, impactPerDay } = comparison
    const unit = experiment.metrics[metric]?.unit
    const parts = [
      `${sayEffect(effect.absolute)}${unit === undefined ? '' : ` ${unit}`} (${sayLift(effect.relative)})`,
      `${sayLevel(interval.level)} interval ${sayBounds(interval.absolute)}`,
      ...(impactPerDay === undefined
        ? []
        : [`${sayEffect(impactPerDay.total)} a day on everybody, ${sayBounds(impactPerDay.interval)}`]),
    ]
    const told = { comparison, metric, variant, control: experiment.control }
    return [
      wrap(`Effect on ${metric}, ${variant} against ${experiment.control}: ${parts.join('; ')}`, '', '  '),
      ...sayP(told, audit.verdict).map((sentence) => wrap(sentence, '  ')),
    ]
  })
}

function nextLines({ changesWhen = [], wouldAbort = [] }: Decision): string[] {
  return [
    ...wouldAbort.map((sentence) => wrap(`In shadow: ${sentence}`, '', '  ')),
    ...(changesWhen.length === 0
      ? []
      : ['What would change it:', ...changesWhen.map((sentence) => wrap(sentence, '  ', '    '))]),
  ]
}

interface NamedComparison {
  readonly metric: string
  readonly role: string
  readonly variant: string
  readonly comparison: Comparison
}

function comparisonsOf({ metrics }: Evaluation): NamedComparison[] {
  return Object.entries(metrics).flatMap(([metric, { role, comparisons }]) =>
    Object.entries(comparisons)
      .filter(([, { effect }]) => !isNotEstimable(effect.absolute) || role === 'guardrail')
      .map(([variant, comparison]) => ({ metric, role, variant, comparison })),
  )
}

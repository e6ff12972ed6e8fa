import type {
  Comparison,
  EffectSize,
  FixedLook,
  IntervalMethod,
  MetricRole,
  PlainEstimate,
} from '@fairtrial/protocol'
import { layColumns } from './columns.ts'
import { isNotEstimable, sayBounds, sayEffect, sayLevel, sayLift, sayNumber, sayShare } from './numbers.ts'
import { wrap } from './wrap.ts'

/** One arm against control: the effect with its intervals in columns, then what else is to be said, a line each. */
export function comparisonText(title: string, role: MetricRole, comparison: Comparison): string {
  return [
    `  ${title}: ${comparison.verdict}`,
    layColumns(rowsOf(comparison), INDENT),
    ...linesOf(role, comparison).map((line) => wrap(line, INDENT)),
  ].join('\n')
}

const INDENT = '    '

/** When an interval of that making holds. */
const HOLDS: Readonly<Record<IntervalMethod, string>> = {
  'confidence-sequence': 'at any look',
  repeated: 'at its looks',
  fixed: 'at the one look',
  credible: 'credible',
}

const TESTS: Readonly<Record<FixedLook['method'], string>> = {
  welch: 'Welch',
  delta: 'delta-method',
  regression: 'regression',
  stratified: 'stratified',
  clustered: 'clustered',
  'order-statistics': 'order-statistics',
}

type Row = readonly [label: string, absolute: string, relative: string]

function rowsOf({ effect, interval, method, fixed, adjusted, unadjusted, uncapped }: Comparison): Row[] {
  return [
    effectRow('effect', effect),
    intervalRow(HOLDS[method], interval),
    intervalRow('at one look', fixed.interval),
    ...(adjusted ? [intervalRow(`in family ${adjusted.family}`, adjusted.interval)] : []),
    ...(unadjusted ? plainRows(PLAINLY[fixed.method] ?? 'unadjusted', unadjusted) : []),
    ...(uncapped ? plainRows('without limits', uncapped) : []),
  ]
}

const PLAINLY: Partial<Record<FixedLook['method'], string>> = {
  regression: 'without covariates',
  stratified: 'without strata',
}

function plainRows(label: string, { effect, interval }: PlainEstimate): Row[] {
  return [effectRow(label, effect), intervalRow('at any look', interval)]
}

function effectRow(label: string, { absolute, relative }: Comparison['effect']): Row {
  return [label, sayEffect(absolute), sayLift(relative)]
}

function intervalRow(holds: string, { level, absolute, relative }: Comparison['interval']): Row {
  return [`${sayLevel(level)} ${holds}`, sayBounds(absolute), sayBounds(relative, sayLift)]
}

function linesOf(role: MetricRole, comparison: Comparison): string[] {
  const { fixed, anytimePValue, guardrail } = comparison
  return [
    `${TESTS[fixed.method]} p ${sayNumber(fixed.pValue)} at one look, p ${sayNumber(anytimePValue)} at any look`,
    ...ranksLines(fixed),
    ...lookLines(comparison),
    ...posteriorLines(comparison),
    ...adjustedLines(comparison),
    ...varianceLines(comparison),
    ...practicalLines(comparison),
    ...(role === 'guardrail' ? [] : openLines(comparison)),
    ...(guardrail ? [`guardrail ${guardrail.verdict}: ${guardrail.detail}`] : []),
  ]
}

function ranksLines({ ranks }: FixedLook): string[] {
  if (ranks === undefined) return []
  const { pValue, commonLanguageEffect: chance, shift, shiftInterval } = ranks
  return [
    `by ranks p ${sayNumber(pValue)} at one look: larger in ${isNotEstimable(chance) ? sayNumber(chance) : sayShare(chance)} of pairs, shifted by ${sayEffect(shift)}, ${sayBounds(shiftInterval)}`,
  ]
}

function lookLines({ look, afterStop }: Comparison): string[] {
  const lines: string[] = []
  if (look) {
    const { kind, taken, informationFraction, nextAt, boundary, alphaSpent, alpha } = look
    const parts = [
      `${LOOKS[kind]}; ${taken} taken, information ${sayShare(informationFraction)} of the plan`,
      ...(boundary === null ? [] : [`decides beyond ${sayNumber(boundary)} standard errors`]),
      `alpha ${sayNumber(alphaSpent)} of ${sayNumber(alpha)} spent`,
      ...(nextAt === null ? [] : [`the next look at ${sayShare(nextAt)}`]),
    ]
    lines.push(parts.join('; '))
    const chances = [
      ...(look.conditionalPower === undefined
        ? []
        : [`${sayShare(look.conditionalPower)} at the smallest lift worth having`]),
      ...(look.predictivePower === undefined ? [] : [`${sayShare(look.predictivePower)} by the data so far`]),
    ]
    if (chances.length > 0) lines.push(`chance to end better: ${chances.join(', ')}`)
    if (look.isFutile) lines.push('futile: going on is hardly worth it')
  }
  if (afterStop) {
    const { pValue, medianUnbiased, interval, level } = afterStop
    lines.push(
      `made up for stopping: ${sayEffect(medianUnbiased)}, ${sayLevel(level)} ${sayBounds(interval)}, p ${sayNumber(pValue)}`,
    )
  }
  return lines
}

const LOOKS: Readonly<Record<NonNullable<Comparison['look']>['kind'], string>> = {
  scheduled: 'a look of the schedule',
  independent: 'a look out of schedule',
  chosen: 'a look that somebody chose: the confidence sequence decides',
  final: 'the last look: all that was left of alpha is spent',
  glance: 'between looks: this decides nothing',
  done: 'an earlier look has decided',
}

function posteriorLines({ bayesian }: Comparison): string[] {
  if (bayesian === undefined) return []
  const { chanceToBeat, expectedLoss, practicallyEquivalent } = bayesian
  const share = (value: typeof chanceToBeat) => (isNotEstimable(value) ? sayNumber(value) : sayShare(value))
  return [
    `chance to beat control ${share(chanceToBeat)}; expected loss ${sayNumber(expectedLoss.ship)} if shipped, ${sayNumber(expectedLoss.stay)} if not${practicallyEquivalent === undefined ? '' : `; practically equivalent with ${share(practicallyEquivalent)}`}`,
  ]
}

function adjustedLines({ adjusted }: Comparison): string[] {
  if (adjusted === undefined) return []
  const { family, method, pValue, isSignificant, coverage } = adjusted
  return [
    `in family ${family} by ${method}: p ${sayNumber(pValue)}, ${isSignificant ? '' : 'not '}significant; ${PROMISES[coverage]}`,
  ]
}

const PROMISES: Readonly<Record<NonNullable<Comparison['adjusted']>['coverage'], string>> = {
  simultaneous: 'all intervals of the family hold at once',
  'simultaneous-wider': 'all intervals of the family hold at once, and are wider than the test',
  'false-coverage-rate': 'of the significant intervals as many miss as the family allows',
  marginal: 'its interval holds for it alone',
}

function varianceLines({ fixed: { designEffect }, unadjusted, uncapped }: Comparison): string[] {
  const taken = unadjusted?.varianceReduction
  const changed = uncapped?.changedUnits
  return [
    ...(taken === undefined || isNotEstimable(taken)
      ? []
      : [`what was known before took ${sayShare(taken)} of the variance`]),
    ...(changed
      ? [`limits changed ${changed.control} units of control, ${changed.treatment} of treatment`]
      : []),
    ...(designEffect === undefined ? [] : [`design effect ${sayNumber(designEffect)}, for its clusters`]),
  ]
}

function practicalLines({ practical, impactPerDay: impact }: Comparison): string[] {
  return [
    ...(practical
      ? [`the lift that pays, ${saySize(practical.threshold)}: ${PRACTICAL[practical.verdict]}`]
      : []),
    ...(impact ? [`impact a day: ${sayEffect(impact.total)}, ${sayBounds(impact.interval)}`] : []),
  ]
}

const PRACTICAL = { above: 'reached', below: 'not reached', unknown: 'not known yet' } as const

function saySize(size: EffectSize): string {
  return 'relative' in size ? sayShare(size.relative) : sayNumber(size.absolute)
}

/** Of what may be nothing: what it is not, and what would have been seen. */
function openLines({ interval: { absolute }, verdict, ruledOut, detectable }: Comparison): string[] {
  // Rare events bound no difference, and are decided by their ratio.
  const isOpen = isNotEstimable(absolute)
    ? absolute.notEstimable.code === 'not-applicable' && verdict === 'unknown'
    : absolute[0] <= 0 && absolute[1] >= 0
  if (!isOpen) return []
  const seen = isNotEstimable(detectable)
    ? ''
    : ` An effect of ${sayNumber(detectable)} would be found in four trials of five.`
  return [`${ruledOut}${seen}`]
}

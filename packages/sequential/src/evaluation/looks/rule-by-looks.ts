import type { LookReading, LookRecord } from '@fairtrial/protocol'
import { isEstimable } from '@fairtrial/statistics'
import { normalMixtureMultiplier } from '../../anytime/normal-mixture.ts'
import type { Arms } from '../arms.ts'
import { intervalOf, joinEnds, sideOf } from '../interval.ts'
import { type OpenComparison, type PrimaryPlan, type Ruling, ruleByConfidenceSequence } from '../ruling.ts'
import { afterStop } from './after-stop.ts'
import { boundariesAt, type SpendingDesign, spendingDesign } from './design.ts'
import { lookAhead } from './outlook.ts'
import { hasMore, nextAfter, type Standing, standingOf } from './standing.ts'
import { reachOf, type Statistic, statisticOf } from './statistic.ts'

/** A comparison under a method with looks, with all that is asked of it in turn. */
interface Case extends OpenComparison {
  readonly plan: PrimaryPlan
  readonly design: SpendingDesign
  readonly standing: Standing
  readonly units: number
  readonly fraction: number
  /** 1 when an increase is better. */
  readonly towardsBetter: 1 | -1
  /** What is shown where no look is taken: valid by itself. */
  readonly between: Ruling
}

/** A case with numbers to hold against bounds. */
interface MeasuredCase extends Case {
  readonly arms: Arms
  readonly statistic: Statistic
}

/**
 * By looks that spend alpha (`group-sequential`, `fixed-horizon`), on benefit alone under `hybrid`. What a look has
 * decided stays decided. A look is taken when the information has reached the next fraction of the schedule, or out of
 * schedule when asked for; at every other time the confidence sequence is shown, and decides nothing but harm under
 * `hybrid`, and what a `chosen` look has left to it.
 *
 * A `chosen` look hands the alpha that is not spent to the confidence sequence. Both together err with at most the
 * comparison's alpha if the moment did not depend on which of the two was nearer to deciding; whoever waits for that has
 * had two chances, and errs with less than twice alpha.
 */
export function ruleByLooks(comparison: OpenComparison, plan: PrimaryPlan): Ruling {
  const { estimates, arms, definition } = comparison
  const design = spendingDesign(plan.analysis, comparison.alpha)
  const units = isEstimable(estimates) ? estimates.n.control + estimates.n.treatment : 0
  const open: Case = {
    ...comparison,
    plan,
    design,
    standing: standingOf(plan.past, design),
    units,
    fraction: units / design.maximumUnits,
    towardsBetter: definition.direction === 'increase' ? 1 : -1,
    between: { ...ruleByConfidenceSequence(comparison), verdict: 'unknown' },
  }
  if (open.standing.decision) return remain(open, open.standing.decision)
  const statistic = statisticOf(estimates, arms)
  if (statistic === null || !isEstimable(arms)) return glance(open)
  const measured: MeasuredCase = { ...open, arms, statistic }
  return findHarm(measured) ?? (open.standing.isChosen ? leaveToSequence(measured) : look(measured))
}

/** An earlier look has decided. */
function remain(open: Case, decision: LookRecord): Ruling {
  const { between, design, standing, towardsBetter } = open
  const stopped = decision.kind === 'chosen' ? undefined : afterStop(standing.spending, design, towardsBetter)
  return {
    ...between,
    verdict: decision.decided!,
    look: readingOf(open, 'done', { alphaSpent: decision.alphaSpent, nextAt: null }),
    ...(stopped && { afterStop: stopped }),
  }
}

function glance(open: Case): Ruling {
  return { ...open.between, look: readingOf(open, 'glance') }
}

/** Under `hybrid` half of alpha watches for harm at every evaluation, by a one-sided confidence sequence. */
function findHarm(open: MeasuredCase): Ruling | undefined {
  const { design, plan } = open
  if (design.sides === 2 || !leaves(open, 'worse', design.harmAlpha)) return undefined
  const decided = { boundary: null, decided: 'worse', alphaSpent: open.standing.alphaSpent } as const
  return decideBySequence(open, plan.kind === 'glance' ? 'glance' : 'scheduled', decided)
}

/** Whether a confidence sequence that is bounded on one side, with this error, has left zero on the other. */
function leaves(open: MeasuredCase, side: 'better' | 'worse', alpha: number): boolean {
  const { definition, sequence, statistic, towardsBetter } = open
  if (definition.quantile !== undefined) {
    return sideOf(sequence.intervalAt(2 * alpha).absolute, definition) === side
  }
  const sign = side === 'better' ? towardsBetter : -towardsBetter
  return (sign * statistic.estimate) / statistic.standardError >= oneSidedReach(open, alpha)
}

/** The tuning stays what it was: one that followed what has been seen would not hold. */
function oneSidedReach({ arms: { n, rho } }: MeasuredCase, alpha: number): number {
  return normalMixtureMultiplier(n, { rho, alpha, side: 'lower' })
}

/** A look was chosen: the confidence sequence has what the looks before have left. */
function leaveToSequence(open: MeasuredCase): Ruling {
  const { alpha, standing, plan } = open
  const decided = sideLeft(open, alpha - standing.alphaSpent)
  const isNew = !standing.isChosen || decided !== null
  const kind = plan.kind === 'glance' || !isNew ? 'glance' : 'chosen'
  const spent = { boundary: null, decided, alphaSpent: alpha }
  const ruling = decideBySequence(open, kind, spent)
  return { ...ruling, look: { ...ruling.look!, kind: 'chosen', nextAt: null } }
}

/** What the confidence sequence decides with the alpha that is left. */
function sideLeft(open: MeasuredCase, alpha: number): 'better' | 'worse' | null {
  const { definition, design, sequence } = open
  if (design.sides === 1) return leaves(open, 'better', alpha) ? 'better' : null
  const side = sideOf(sequence.intervalAt(alpha).absolute, definition)
  return side === 'unknown' ? null : side
}

type Decided = Pick<LookRecord, 'boundary' | 'decided' | 'alphaSpent'>

/** What the confidence sequence decides needs no look; where one is taken, it is recorded. */
function decideBySequence(open: MeasuredCase, kind: PrimaryPlan['kind'], decided: Decided): Ruling {
  const record = kind === 'glance' ? undefined : recordOf(open, kind, decided)
  return {
    ...open.between,
    verdict: decided.decided ?? 'unknown',
    look: readingOf(open, kind, {
      alphaSpent: decided.alphaSpent,
      taken: open.standing.taken + (record ? 1 : 0),
      ...(decided.decided && { nextAt: null }),
    }),
    ...(record && { record }),
  }
}

function look(open: MeasuredCase): Ruling {
  const { plan, standing, design, fraction } = open
  if (plan.kind === 'glance' || !hasMore(standing, fraction)) return glance(open)
  if (plan.kind === 'final') return spend(open, 'final')
  if (standing.nextAt !== null && fraction >= standing.nextAt) return spend(open, 'scheduled')
  if (plan.kind === 'scheduled' || !design.takesUnplanned) return glance(open)
  return plan.kind === 'chosen' ? leaveToSequence(open) : spend(open, 'independent')
}

/** Takes a look at the information there is. */
function spend(open: MeasuredCase, kind: 'scheduled' | 'independent' | 'final'): Ruling {
  const { design, standing, fraction, statistic, towardsBetter, between } = open
  const fractions = [...standing.spending.map((each) => each.informationFraction), fraction]
  const isFinal = kind === 'final'
  const boundaries = boundariesAt(fractions, design, isFinal)
  const boundary = boundaries.upper.at(-1)!
  // The integrals may come to a rounding more than there is.
  const alphaSpent = Math.min(open.alpha, boundaries.cumulativeAlpha.at(-1)! + design.harmAlpha)
  const record = recordOf(open, kind, {
    boundary,
    alphaSpent,
    decided: boundary === null ? null : sideBeyond(statistic.z * towardsBetter, boundary, design.sides),
  })
  const stopped = record.decided && afterStop([...standing.spending, record], design, towardsBetter)
  const question = {
    towardsBetter,
    controlMean: open.arms.control.mean,
    ...(open.plan.minimumLift && { minimumLift: open.plan.minimumLift }),
    ...(open.plan.analysis.futility && { futility: open.plan.analysis.futility }),
  }
  return {
    ...between,
    ...(boundary !== null && repeatedInterval(open, boundary)),
    verdict: record.decided ?? 'unknown',
    look: {
      ...readingOf(open, kind, {
        taken: standing.taken + 1,
        nextAt: record.decided || isFinal ? null : nextAfter(fraction, design.planned),
        boundary,
        alphaSpent,
      }),
      ...(record.decided === null && !isFinal && lookAhead(statistic, fractions, design, question)),
    },
    ...(stopped && { afterStop: stopped }),
    record,
  }
}

function sideBeyond(benefit: number, boundary: number, sides: 1 | 2): 'better' | 'worse' | null {
  if (benefit >= boundary) return 'better'
  return sides === 2 && benefit <= -boundary ? 'worse' : null
}

/**
 * The interval that leaves zero when the look decides: with two sides the repeated one of Jennison & Turnbull (JRSS B 51,
 * 1989); under `hybrid` its better end is that of the confidence sequence against harm.
 */
function repeatedInterval(
  open: MeasuredCase,
  boundary: number,
): Pick<Ruling, 'interval' | 'method' | 'multiplier'> {
  const { arms, alpha, design, statistic, towardsBetter } = open
  const multiplier = reachOf(statistic, boundary)
  const level = 1 - alpha
  const interval = intervalOf({ ...arms, multiplier }, level)
  if (design.sides === 2) return { interval, method: design.method, multiplier }
  const watched = intervalOf({ ...arms, multiplier: oneSidedReach(open, design.harmAlpha) }, level)
  const [lower, upper] = towardsBetter === 1 ? [interval, watched] : [watched, interval]
  return { interval: joinEnds(lower, upper, level), method: design.method, multiplier }
}

function recordOf(
  { plan, standing, units, fraction, statistic }: MeasuredCase,
  kind: LookRecord['kind'],
  decided: Decided,
): LookRecord {
  return {
    metric: plan.metric,
    variant: plan.variant,
    look: standing.taken + 1,
    kind,
    at: plan.at,
    units,
    informationFraction: fraction,
    effect: statistic.estimate,
    z: statistic.z,
    ...decided,
  }
}

function readingOf(
  { standing, fraction, alpha }: Case,
  kind: LookReading['kind'],
  changes: Partial<LookReading> = {},
): LookReading {
  return {
    kind,
    taken: standing.taken,
    informationFraction: fraction,
    nextAt: standing.nextAt,
    boundary: null,
    alphaSpent: standing.alphaSpent,
    alpha,
    ...changes,
  }
}

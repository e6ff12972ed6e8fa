import type {
  Bounds,
  Direction,
  EffectSize,
  Estimate,
  GuardrailEvaluation,
  MetricSummary,
  SealedGuardrail,
} from '@fairtrial/protocol'
import { type Estimable, isEstimable } from '@fairtrial/statistics'
import { type Arms, contrast } from './arms.ts'
import { isEstimate } from './estimate.ts'

/** What a guardrail is held against: one treatment arm and control, at one look. */
export interface GuardedComparison {
  readonly control: MetricSummary
  readonly treatment: MetricSummary
  readonly direction: Direction
  readonly arms: Estimable<Arms>
  /** Of the effect, on the margin's scale, at the guardrail's own level. */
  readonly bounds: Estimate<Bounds>
  readonly level: number
}

/** The verdict of a guardrail on one treatment. Silence never passes: where the numbers do not say, it is `unknown`. */
export function evaluateGuardrail(
  guardrail: SealedGuardrail,
  comparison: GuardedComparison,
): GuardrailEvaluation {
  const { margin, action } = guardrail
  const hardLimit = checkHardLimit(guardrail, comparison)
  return { ...judge(guardrail, comparison), margin, action, ...(hardLimit && { hardLimit }) }
}

function judge(
  { metric, margin, evidence }: SealedGuardrail,
  comparison: GuardedComparison,
): Pick<GuardrailEvaluation, 'verdict' | 'detail'> {
  const { control, treatment, direction, arms, bounds, level } = comparison
  const units = Math.min(control.closed.n, treatment.closed.n)
  if (units < evidence.minimumUnits) {
    const detail = `${metric}: the smaller arm has ${units} units with a closed window; its evidence needs ${evidence.minimumUnits}.`
    return { verdict: 'unknown', detail }
  }
  const size = 'absolute' in margin ? margin.absolute : margin.relative
  if (isEstimate(bounds)) {
    const [least, most] = direction === 'decrease' ? bounds : [-bounds[1], -bounds[0]]
    const verdict = least > size ? 'breach' : most < size ? 'ok' : 'unknown'
    const range = `between ${show(least, margin)} and ${show(most, margin)} worse than control (level ${round(level)})`
    return {
      verdict,
      detail: `${metric}: ${range}, ${PLACES[verdict]} the margin of ${show(size, margin)}.`,
    }
  }
  const { detail } = bounds.notEstimable
  if ('relative' in margin && isEstimable(arms) && isBeyond(arms, direction, margin.relative)) {
    return {
      verdict: 'breach',
      detail: `${metric}: worse than control by more than ${show(size, margin)} of it, whatever control's mean (level ${round(level)}); ${detail}.`,
    }
  }
  return { verdict: 'unknown', detail: `${metric}: the interval cannot be had: ${detail}.` }
}

/**
 * Whether harm > margin · |control| for sure, without dividing by a control mean that may be 0: two contrasts, one for
 * either sign of it. So a control that has not had a single error yet does not shield an arm that has many.
 */
function isBeyond(arms: Arms, direction: Direction, margin: number): boolean {
  const worse = direction === 'decrease' ? 1 : -1
  return [margin, -margin].every((share) => contrast(arms, worse, -worse - share)[0] > 0)
}

/**
 * Too much of something is seen as it happens. Too little is seen only when the time for it is over: a unit that was
 * exposed a moment ago has not failed to start.
 */
function checkHardLimit(
  { hardLimit }: SealedGuardrail,
  { treatment: { current, closed }, direction }: GuardedComparison,
): GuardrailEvaluation['hardLimit'] {
  const { n: units, mean } = direction === 'decrease' ? current : closed
  if (hardLimit === undefined || units < (hardLimit.minimumUnits ?? 10) || !Number.isFinite(mean)) {
    return undefined
  }
  const { worst } = hardLimit
  return { breached: direction === 'decrease' ? mean > worst : mean < worst, mean, worst, units }
}

const PLACES = { breach: 'wholly beyond', ok: 'wholly inside', unknown: 'on both sides of' } as const

function show(value: number, margin: EffectSize): string {
  return 'relative' in margin ? `${round(100 * value)} %` : `${round(value)}`
}

function round(value: number): number {
  return Number(value.toPrecision(4))
}

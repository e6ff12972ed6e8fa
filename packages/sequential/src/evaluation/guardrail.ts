import type {
  Bounds,
  Direction,
  Duration,
  Estimate,
  GuardrailEvaluation,
  MetricSummary,
  SealedGuardrail,
} from '@fairtrial/protocol'
import { type Estimable, isEstimable } from '@fairtrial/statistics'
import { type Arms, contrast } from './arms.ts'
import { isEstimate } from './estimate.ts'
import { checkHardLimit, type LimitedArm } from './hard-limit.ts'
import { sayAmount, sayHarm, sayShare } from './words.ts'

/** What a guardrail is held against: one treatment arm and control, at one look. */
export interface GuardedComparison extends LimitedArm {
  readonly control: MetricSummary
  readonly arms: Estimable<Arms>
  /** Of the effect, on the margin's scale, at the guardrail's own level. */
  readonly bounds: Estimate<Bounds>
  readonly level: number
  /** How much longer a window is held open for what comes late. */
  readonly lateness: Duration
}

/** The verdict of a guardrail on one treatment. Silence never passes: where the numbers do not say, it is `unknown`. */
export function evaluateGuardrail(
  guardrail: SealedGuardrail,
  comparison: GuardedComparison,
): GuardrailEvaluation {
  const { margin, action } = guardrail
  const { verdict, detail } = judge(guardrail, comparison)
  const hardLimit = guardrail.hardLimit && checkHardLimit(guardrail.hardLimit, comparison)
  return { verdict, detail, margin, action, ...(hardLimit && { hardLimit }) }
}

function judge(
  { margin, evidence }: SealedGuardrail,
  comparison: GuardedComparison,
): Pick<GuardrailEvaluation, 'verdict' | 'detail'> {
  const { control, treatment, definition, arms, bounds, level, lateness, exposed } = comparison
  const { direction } = definition
  const units = exposed
    ? Math.min(exposed.control, exposed.treatment)
    : Math.min(control.closed.n, treatment.closed.n)
  if (units < evidence.minimumUnits) {
    const counted = exposed
      ? 'exposed units'
      : `units with a closed window (${definition.window}, and ${lateness} more for what comes late)`
    const detail = `the smaller arm has ${units} of the ${evidence.minimumUnits} ${counted} that its evidence needs.`
    return { verdict: 'unknown', detail }
  }
  const size = 'absolute' in margin ? margin.absolute : margin.relative
  const say = (value: number) => ('relative' in margin ? sayShare(value) : sayAmount(value, definition))
  const interval = `${sayShare(level)} interval`
  if (isEstimate(bounds)) {
    const [least, most] = direction === 'decrease' ? bounds : [-bounds[1], -bounds[0]]
    const verdict = least > size ? 'breach' : most < size ? 'ok' : 'unknown'
    return {
      verdict,
      detail: `${sayHarm(least, most, say)} (${interval}), ${PLACES[verdict]} the margin of ${say(size)}.`,
    }
  }
  const { detail } = bounds.notEstimable
  if ('relative' in margin && isEstimable(arms) && isBeyond(arms, direction, margin.relative)) {
    return {
      verdict: 'breach',
      detail: `worse than control by more than ${say(size)} of it, whatever control's mean (${interval}): ${detail}.`,
    }
  }
  return { verdict: 'unknown', detail: `the interval cannot be had: ${detail}.` }
}

/**
 * Whether harm > margin · |control| for sure, without dividing by a control mean that may be 0: two contrasts, one for
 * either sign of it. So a control that has not had a single error yet does not shield an arm that has many.
 */
function isBeyond(arms: Arms, direction: Direction, margin: number): boolean {
  const worse = direction === 'decrease' ? 1 : -1
  return [margin, -margin].every((share) => contrast(arms, worse, -share)[0] > 0)
}

const PLACES = { breach: 'wholly beyond', ok: 'wholly inside', unknown: 'on both sides of' } as const

import { fractionsOf, spendingOf } from './look-options.ts'
import type { OneLook } from './one-look.ts'
import type { PlannedError } from './planned-test.ts'
import type { PowerOptions } from './power-options.ts'
import { powerUnder, type StoppingPlan, type StoppingRule, stoppingRule } from './stopping-rule.ts'
import { misused, refuseOptions } from './usage.ts'

/** A test under the plan's stopping rule, by units in control. */
export interface Trial extends OneLook {
  readonly oneLook: OneLook
  readonly rule: StoppingRule | undefined
  /** Units of both arms for one in control. */
  readonly growth: number
}

/** The test at one look, looked at as the rule says; without a rule once, at its end. */
export function trialOf(oneLook: OneLook, rule: StoppingRule | undefined, growth: number): Trial {
  if (rule === undefined) return { ...oneLook, oneLook, rule, growth }
  return {
    oneLook,
    rule,
    growth,
    sizeFor: (power) => {
      let control = oneLook.sizeFor(power)
      // The bounds may hang on the size that they lead to, though only just: this settles within a few rounds.
      for (let i = 0; i < 100; i++) {
        const next = oneLook.sizeFor(rule.oneLookPower(power, control * growth))
        const moved = Math.abs(next - control)
        control = next
        if (moved <= 1e-9 * control) break
      }
      return control
    },
    powerWith: (control) => powerUnder(rule, oneLook.powerWith(control), control * growth),
    detectableWith: (control, power) =>
      oneLook.detectableWith(control, rule.oneLookPower(power, control * growth)),
  }
}

/** What the options say of when the trial stops; undefined where that is at its end. */
export function plannedRule(options: PowerOptions, error: PlannedError): StoppingRule | undefined {
  const { plan = 'fixed' } = options
  const why = `with --plan ${plan}`
  if (plan === 'fixed') {
    refuseOptions(options, ['looks', 'information', 'spending', 'parameter', 'shares', 'tuneAt'], why)
    return undefined
  }
  if (plan === 'anytime') refuseOptions(options, ['spending', 'parameter', 'shares'], why)
  if (plan === 'group-sequential') refuseOptions(options, ['tuneAt'], why)
  if (plan === 'hybrid' && error.sides === 1) {
    throw misused(
      '--plan hybrid watches for harm and benefit, half of alpha each: it has two sides.',
      'Leave --sides and --margin out, or give --plan group-sequential.',
    )
  }
  const fractions = fractionsOf(options, plan === 'anytime' ? 1 : 5)
  if (fractions.at(-1) !== 1) {
    throw misused(
      `--information ${fractions.join(',')} does not end at 1.`,
      'Plan looks up to the end, fraction 1.',
    )
  }
  const { comparisonAlpha: alpha, sides } = error
  return stoppingRule(stoppingPlan(options, plan, fractions), fractions, { alpha, sides })
}

function stoppingPlan(
  options: PowerOptions,
  type: StoppingPlan['type'],
  fractions: readonly number[],
): StoppingPlan {
  if (type === 'anytime') return { type, tuneAt: options.tuneAt }
  const spending = spendingOf(options, fractions)
  return type === 'hybrid' ? { type, spending, tuneAt: options.tuneAt } : { type, spending }
}

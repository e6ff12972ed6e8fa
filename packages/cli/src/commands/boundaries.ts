import {
  type Boundaries,
  type BoundaryRule,
  driftForPower,
  type ExitProbabilities,
  exitProbabilities,
  futilityBoundaries,
  groupSequentialBoundaries,
  inflationFactor,
  type SpendingFunction,
} from '@fairtrial/sequential'
import { normalSf } from '@fairtrial/statistics'
import { answer, type Console } from '../console.ts'
import {
  fractionsOf,
  type LookOptions,
  parametricSpending,
  spendingOf,
  type SpendingOptions,
  type spendings,
} from '../planning/look-options.ts'
import { type StoppingPlan, stoppingRule } from '../planning/stopping-rule.ts'
import { misused, refuseOptions, requireOption, withUsageErrors } from '../planning/usage.ts'
import { boundariesText } from '../text/boundaries-text.ts'

/** Names of `--design`. */
export const designs = ['obrien-fleming', 'pocock', 'wang-tsiatis', 'anytime', 'hybrid'] as const

/** What makes the bounds; of a confidence sequence `tuneAt` is an information fraction. */
type DesignRule = BoundaryRule | StoppingPlan

export interface BoundariesOptions extends LookOptions, SpendingOptions {
  readonly design?: (typeof designs)[number]
  /** delta of Wang & Tsiatis. */
  readonly shape?: number
  /** Where a confidence sequence is tightest, as an information fraction. */
  readonly tuneAt?: number
  readonly alpha?: number
  readonly sides?: 1 | 2
  readonly final?: boolean
  readonly futility?: Exclude<(typeof spendings)[number], 'given'>
  readonly futilityParameter?: number
  readonly binding?: boolean
  readonly power?: number
  readonly drift?: number
  readonly json?: boolean
}

/** One look of a design. */
interface BoundaryRow {
  readonly look: number
  readonly information: number
  /** z to stop at for an effect; null: nobody stops there. */
  readonly upper: number | null
  /** z to stop at for a decrease, or for futility; absent where nothing stops downwards. */
  readonly lower?: number | null
  /** One-sided p of a fixed test at the upper bound. */
  readonly nominalP: number
  /** Up to this look, all sides together, and as if advice on futility were not heeded. */
  readonly alphaSpent: number
  readonly underNull: CrossingsAt
  readonly underDrift: CrossingsAt
}

/** What becomes of trials at a look. */
interface CrossingsAt {
  readonly upper: number
  readonly lower: number
  /** By any bound, up to this look. */
  readonly stopped: number
}

/** What `fairtrial boundaries --json` prints. */
export interface BoundariesAnswer {
  readonly schema: 'fairtrial.boundaries/1'
  readonly rule: DesignRule
  readonly sides: 1 | 2
  readonly alpha: number
  readonly futility: {
    readonly spending: SpendingFunction
    readonly isBinding: boolean
    readonly beta: number
  } | null
  readonly looks: readonly BoundaryRow[]
  /** Chance to cross an upper bound under the drift. */
  readonly power: number
  /** The mean of z at full information. */
  readonly drift: number
  /** Maximum sample size over that of one look with the same alpha and power; null where the drift was given. */
  readonly inflation: number | null
  readonly expectedInformation: { readonly underNull: number; readonly underDrift: number }
}

/** `fairtrial boundaries`: the bounds of a group-sequential design, and what becomes of trials that follow it. */
export function boundaries(console: Console, options: BoundariesOptions): void {
  const document = withUsageErrors(() => answerOf(options))
  answer(console, options, document, () => boundariesText(document))
}

function answerOf(options: BoundariesOptions): BoundariesAnswer {
  const informationFractions = fractionsOf(options, 5)
  const { alpha = 0.05, sides = 2, final: isFinal = false, power = 0.8 } = options
  const rule = ruleOf(options, informationFractions)
  const futility = futilityOf(options, rule)
  const design = { informationFractions, alpha, sides }
  const bounds: Boundaries =
    futility === null
      ? isSequence(rule)
        ? sequenceBoundaries(rule, design)
        : groupSequentialBoundaries({ ...design, rule, isFinal })
      : futilityBoundaries({
          informationFractions,
          alpha,
          isFinal,
          alphaSpending: rule as SpendingFunction,
          betaSpending: futility.spending,
          beta: futility.beta,
          isBinding: futility.isBinding,
          ...(options.drift !== undefined && { drift: options.drift }),
        })
  const drift = options.drift ?? driftForPower(bounds, power)
  const underNull = exitProbabilities(bounds, 0)
  const underDrift = exitProbabilities(bounds, drift)
  return {
    schema: 'fairtrial.boundaries/1',
    rule,
    sides: bounds.sides,
    alpha,
    futility,
    looks: rowsOf(bounds, underNull, underDrift),
    power: underDrift.power,
    drift,
    inflation: options.drift === undefined ? inflationFactor(bounds, power) : null,
    expectedInformation: {
      underNull: underNull.expectedInformation,
      underDrift: underDrift.expectedInformation,
    },
  }
}

function ruleOf(options: BoundariesOptions, fractions: readonly number[]): DesignRule {
  const { design, tuneAt = 1 } = options
  if (design === undefined) {
    refuseOptions(options, ['shape'], 'without --design wang-tsiatis')
    refuseOptions(options, ['tuneAt'], 'without --design anytime or hybrid')
    return spendingOf(options, fractions)
  }
  const why = `with --design ${design}`
  if (design !== 'wang-tsiatis') refuseOptions(options, ['shape'], why)
  refuseOptions(options, ['final'], why)
  if (design === 'hybrid') {
    refuseOptions(options, ['sides'], `${why}: it watches for harm and benefit, half of alpha each`)
    return { type: design, spending: spendingOf(options, fractions), tuneAt }
  }
  refuseOptions(options, ['spending', 'parameter', 'shares'], why)
  if (design === 'anytime') return { type: design, tuneAt }
  refuseOptions(options, ['tuneAt'], why)
  if (design === 'wang-tsiatis') {
    const delta = requireOption(
      options.shape,
      'shape',
      "Wang and Tsiatis' delta is 0 (O'Brien-Fleming) to 0.5 (Pocock)",
    )
    return { type: design, delta }
  }
  return { type: design }
}

function isSequence(rule: DesignRule): rule is StoppingPlan {
  return rule.type === 'anytime' || rule.type === 'hybrid'
}

/** The bounds of a confidence sequence at the looks, as those of a group-sequential design. */
function sequenceBoundaries(
  rule: StoppingPlan,
  {
    informationFractions,
    alpha,
    sides,
  }: { informationFractions: readonly number[]; alpha: number; sides: 1 | 2 },
): Boundaries {
  const bounds = stoppingRule(rule, informationFractions, { alpha, sides }).boundsAt(1)
  const { upper, lower } = exitProbabilities(bounds, 0)
  let spent = 0
  return {
    ...bounds,
    sides,
    alpha,
    nominalP: bounds.upper.map((bound) => (bound === null ? 0 : normalSf(bound))),
    cumulativeAlpha: upper.map((above, i) => (spent += above + (lower[i] ?? 0))),
  }
}

function futilityOf(options: BoundariesOptions, rule: DesignRule): BoundariesAnswer['futility'] {
  const { futility, futilityParameter, binding = false, design, sides } = options
  if (futility === undefined) {
    refuseOptions(options, ['futilityParameter', 'binding'], 'without --futility')
    return null
  }
  if (design !== undefined) {
    throw misused(
      `--futility ${futility} does not go with --design ${rule.type}: beta is spent beside an alpha that is spent.`,
      'Give --spending in place of --design.',
    )
  }
  if (sides !== 1) {
    throw misused(
      `--futility ${futility} needs one side: the lower bound is its own.`,
      'Give --sides 1 with the alpha of that side, as --sides 1 --alpha 0.025.',
    )
  }
  const spending = parametricSpending(futility, futilityParameter, -2, '--futility', '--futility-parameter')
  return { spending, isBinding: binding, beta: 1 - (options.power ?? 0.8) }
}

function rowsOf(
  { informationFractions, upper, lower, nominalP, cumulativeAlpha }: Boundaries,
  underNull: ExitProbabilities,
  underDrift: ExitProbabilities,
): BoundaryRow[] {
  const stopped = { underNull: 0, underDrift: 0 }
  const crossings = (exits: ExitProbabilities, under: keyof typeof stopped, i: number): CrossingsAt => {
    const [above = 0, below = 0] = [exits.upper[i], exits.lower[i]]
    stopped[under] += above + below
    return { upper: above, lower: below, stopped: stopped[under] }
  }
  return informationFractions.map((information, i) => ({
    look: i + 1,
    information,
    upper: upper[i] ?? null,
    ...(lower && { lower: lower[i] ?? null }),
    nominalP: nominalP[i] ?? 0,
    alphaSpent: cumulativeAlpha[i] ?? 0,
    underNull: crossings(underNull, 'underNull', i),
    underDrift: crossings(underDrift, 'underDrift', i),
  }))
}
